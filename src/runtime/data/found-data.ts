import type { Found, Skipped } from './scan.js';

/** What a reader of some kind of data found: all in one list to be split, or split already. */
export interface FoundData {
  readonly kind: 'folder' | 'csv' | 'idx';
  readonly directory: string;
  /** To learn from; and, where the data brings no validation set, to split that off. */
  readonly found: readonly Found[];
  readonly validation?: readonly Found[];
  readonly test?: readonly Found[];
  /** The group of a picture, by its id. */
  readonly groups?: ReadonlyMap<string, string>;
  readonly skipped: readonly Skipped[];
  /** What was taken for what, in sentences. */
  readonly notes: readonly string[];
  /** What is probably a mistake, in sentences. */
  readonly warnings?: readonly string[];
}
