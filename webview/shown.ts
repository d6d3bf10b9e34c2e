import { options, type VNode } from 'preact';

import { visibleLines } from '../src/words/index.js';

const attributes = ['title', 'aria-label', 'alt', 'placeholder'] as const;

/**
 * Preact makes text of names, never elements. What is left: characters that are not seen, or that turn around what stands beside
 * them. They are shown for what they are in every text and every attribute that is read; what can be edited stays as it is.
 */
export function showHidden(): void {
  const before = options.vnode?.bind(options);
  options.vnode = (vnode: VNode) => {
    // Preact keeps a text's characters where an element has its properties.
    const held = vnode as { type: unknown; props: unknown };
    if (held.type === null && typeof held.props === 'string') held.props = visibleLines(held.props);
    else if (typeof held.type === 'string') {
      const props = held.props as Record<string, unknown>;
      for (const name of attributes) {
        const value = props[name];
        if (typeof value === 'string') props[name] = visibleLines(value);
      }
    }
    before?.(vnode);
  };
}
