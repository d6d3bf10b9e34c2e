import type { ComponentChildren } from 'preact';

import { text } from '../strings.js';
import { Button } from '../ui/index.js';

/** A button for what runs something: in a workspace that is not trusted it is disabled, and says why. */
export function TrustedButton(props: {
  readonly children: ComponentChildren;
  readonly trusted: boolean;
  readonly primary?: boolean;
  readonly onClick: () => void;
}) {
  const { trusted, primary = false, onClick, children } = props;
  return (
    <Button primary={primary} disabled={!trusted} title={trusted ? '' : text.untrusted} onClick={onClick}>
      {children}
    </Button>
  );
}
