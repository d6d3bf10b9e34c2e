import type { Task } from '../../protocol/index.js';

/** What is known of an example and learnt about others. */
interface LabelOf {
  /** Index into `classes`. */
  readonly classification: number;
  /** Indices into `classes`, which are the names of the labels. */
  readonly 'multi-label': readonly number[];
  /** A number for each of `classes`, which are the names of the numbers. */
  readonly regression: readonly number[];
}
export type Label<T extends Task = Task> = LabelOf[T];

/**
 * What is learnt from: a picture today, with what is known of it. Immutable, small: 100,000 of these are a few tens of megabytes.
 *
 * `Source` is where its content is, which its kind alone reads.
 */
export interface Example<T extends Task = Task, Source = unknown> {
  /** Unique in its data set and readable: the path relative to the data folder, or `images.idx.gz#17`. */
  readonly id: string;
  readonly source: Source;
  readonly label: Label<T>;
  /** SHA-256 (hex) of the file's content (of the pixels for IDX). Same content, same hash. */
  readonly hash: string;
}

/** One view of an example. View 0 is the example as it is. */
export interface Item<Source = unknown> {
  readonly example: Example<Task, Source>;
  readonly view: number;
}
