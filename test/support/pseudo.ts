import { readFileSync } from 'node:fs';
import path from 'node:path';

import type { Bundle } from '../../src/words/index.js';

const accents: Readonly<Record<string, string>> = { a: 'á', e: 'é', i: 'í', o: 'ó', u: 'ú', y: 'ý' };

/** Every text of the bundle in a language that does not exist, in which an untranslated one is seen at once: ⟦Tráín⟧. */
export function pseudoBundle(root = '.'): Bundle {
  const bundle = JSON.parse(readFileSync(path.join(root, 'l10n/bundle.l10n.json'), 'utf8')) as Bundle;
  return Object.fromEntries(Object.keys(bundle).map((text) => [text, pseudo(text)]));
}

/** Every text a third longer, as in German. */
export function longBundle(root = '.'): Bundle {
  return Object.fromEntries(
    Object.keys(pseudoBundle(root)).map((text) => [text, text.replaceAll(/[aeiouy]/g, '$&$&')]),
  );
}

export function pseudo(text: string): string {
  return `⟦${text.replaceAll(/[aeiouy]/g, (letter) => accents[letter] ?? letter)}⟧`;
}
