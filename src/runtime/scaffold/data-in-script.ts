import type { Code } from './code.js';
import type { Filling } from './template.js';

/** How a path stands in a script. */
export type Relative = (file: string) => string;

/** How a script reads its data, which differs by their kind: what it has in the place of what its template has. */
export interface DataInScript {
  /** Names that it imports from graftjs, by those of the template. */
  readonly imports: Readonly<Record<string, string>>;
  /** Slots that the templates of this kind have, besides those that all have. */
  readonly slots: Readonly<Record<string, Filling>>;
  /** Of the reader, besides those of all kinds. */
  readonly options: readonly Code[];
}
