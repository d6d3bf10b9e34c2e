import type { Technique } from '../../protocol/index.js';
import type { TextSummary } from '../data/index.js';
import type { BaseInScript } from './base-in-script.js';
import { code, identifier, literal } from './code.js';
import type { DataInScript, Relative } from './data-in-script.js';

/** How a script reads texts: as they are, since the base makes tokens of them. All of it is frozen where nobody said up to where. */
export function textsInScript(
  { layout, task }: TextSummary,
  { freezeUpTo }: BaseInScript,
  technique: Technique,
  relative: Relative,
): DataInScript {
  const reader = layout.kind === 'folder' ? 'textFolder' : layout.inFolder ? 'textData' : 'textTable';
  return {
    imports: { textTable: reader },
    slots: {
      // Labels and numbers are read from tables alone.
      ...(task === 'classification' ? { reader: identifier(reader) } : {}),
      source: literal(relative(layout.kind === 'folder' ? layout.directory : layout.file)),
      ...(technique === 'fine-tuning' ? { freeze: freezeUpTo === '' ? code`` : code`, { upTo: ${freezeUpTo} }` } : {}),
    },
    options: [],
  };
}
