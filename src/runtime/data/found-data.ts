import type { Task } from '../../protocol/index.js';
import type { Words } from './words.js';

/** An example that can be used, its label not understood yet. */
export interface Found<Source = unknown> {
  readonly id: string;
  readonly source: Source;
  readonly label: string;
  readonly hash: string;
}

export interface Skipped {
  readonly file: string;
  readonly reason: string;
}

/** What a reader of some kind of data found: all in one list to be split, or split already. */
export interface FoundData<T extends Task = Task, One extends Found = Found> {
  readonly words: Words;
  readonly layout: 'folder' | 'csv' | 'idx';
  readonly task: T;
  readonly directory: string;
  /** To learn from; and, where the data brings no validation set, to split that off. */
  readonly found: readonly One[];
  readonly validation?: readonly One[];
  readonly test?: readonly One[];
  /** Of numbers: the name of each. */
  readonly names?: readonly string[];
  /** The group of an example, by its id. */
  readonly groups?: ReadonlyMap<string, string>;
  readonly skipped: readonly Skipped[];
  /** What was taken for what, in sentences. */
  readonly notes: readonly string[];
  /** What is probably a mistake, in sentences. */
  readonly warnings?: readonly string[];
}
