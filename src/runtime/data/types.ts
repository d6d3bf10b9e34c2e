import type { NumberRange, Task } from '../../protocol/index.js';
import type { Example } from './example.js';
import type { DataKind } from './kind.js';

/** Labelled examples of any kind, split. */
export interface Dataset<T extends Task = Task, Source = unknown> {
  readonly kind: DataKind;
  readonly task: T;
  readonly directory: string;
  /** What a model's outputs stand for: classes, labels, or the names of the numbers. */
  readonly classes: readonly string[];
  readonly train: readonly Example<T, Source>[];
  readonly validation: readonly Example<T, Source>[];
  /** What nothing is chosen by: empty where no test set was asked for. */
  readonly test: readonly Example<T, Source>[];
  readonly seed: number;
  readonly report: DataReport;
  /** Loss weight per class: n / (classes × n_class) over `train`, mean 1 when balanced. */
  readonly classWeights: readonly number[];
  /** SHA-256 (hex) over (side of the split, id, label, hash) of every example. */
  readonly hash: string;
  /** Names of the groups that a column or a pattern puts examples into, by id. */
  readonly groups?: ReadonlyMap<string, string>;
}

export interface DataReport {
  readonly classes: readonly {
    readonly name: string;
    readonly train: number;
    readonly validation: number;
    /** Absent without a test set. */
    readonly test?: number;
  }[];
  /** Of numbers, which have no classes. */
  readonly numbers?: readonly NumberRange[];
  /** Largest class over smallest. */
  readonly imbalance: number;
  /** Groups of ids with identical content. Those kept are on one side of the split; conflicting labels are named. */
  readonly duplicates: readonly { readonly ids: readonly string[]; readonly conflicting: boolean }[];
  /** Groups of ids that are the same example saved again: pictures in another format, at another quality or in another size. */
  readonly nearDuplicates: readonly { readonly ids: readonly string[]; readonly conflicting: boolean }[];
  /** Files that could not be used, and why. */
  readonly skipped: readonly { readonly file: string; readonly reason: string }[];
  /** What was taken for what, in sentences. */
  readonly notes: readonly string[];
  /** What is probably a mistake in the data, in sentences. */
  readonly warnings: readonly string[];
}
