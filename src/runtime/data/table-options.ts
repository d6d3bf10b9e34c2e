import type { Task } from '../../protocol/index.js';

/** Which column of a table is what: its name, or its number counted from 1. */
export interface TableColumns {
  /** File of the picture, or its name without extension. */
  readonly path?: string | number;
  /** Of several numbers a list. */
  readonly label?: string | number | readonly (string | number)[];
  /** Pictures with the same value (a patient, a session) stay on one side of the split. */
  readonly group?: string | number;
  /** train, validation or test, in the usual spellings. */
  readonly split?: string | number;
}

/** How a table is read, where that cannot be guessed. */
export interface TableOptions {
  /** What is learnt from the labels: one class of several (default), any number of labels, or a number or several. */
  readonly task?: Task;
  /** Which column is what, by name or by number from 1. Default: guessed from the names and from what is in them, and said. */
  readonly columns?: TableColumns;
  /** For instance `windows-1252`. Default: UTF-8, UTF-16, or guessed. */
  readonly encoding?: string;
}
