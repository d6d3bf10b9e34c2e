import type { NumberRange, Task } from '../../../protocol/index.js';
import type { Contradictions } from '../duplicates.js';
import type { FoundData } from '../found-data.js';
import type { GraftError } from '../../../common/errors.js';
import type { Found, Skipped } from '../found-data.js';
import type { Label } from '../example.js';

export type Strata = ReadonlyMap<string, readonly Found[]>;

/** What a data set must know of its labels: one object for each task. `names` are what a model's outputs stand for. */
export interface Targets extends Contradictions {
  readonly task: Task;
  /** What is to be written in the place of each label. What was taken for what is said in `notes`. */
  readonly spelling: (labels: readonly string[], notes: string[]) => ReadonlyMap<string, string>;
  /** @param columns of numbers, the names of their columns. */
  readonly names: (labels: readonly string[], columns?: readonly string[]) => readonly string[];
  /** Why nothing can be learnt from these. */
  problem(names: readonly string[], data: FoundData): GraftError | undefined;
  /** Why a stratum cannot be split. @param least examples that it needs, one for each side. */
  tooFew(name: string, count: number, least: number, data: FoundData, skipped: readonly Skipped[]): GraftError;
  /** The label that a text means; undefined where a model with these names does not know it. */
  readonly labeller: (names: readonly string[]) => (text: string) => Label | undefined;
  /** Whether the validation set may lack one of the names. */
  readonly mayBeMissing?: boolean;
  /** A label for people and tables. */
  readonly text: (label: Label, names: readonly string[]) => string;
  /** The examples of each name. */
  members(found: readonly Found[], names: readonly string[]): ReadonlyMap<string, readonly Found[]>;
  /**
   * Each example once, with those that are alike, in order: of each stratum every side of the split gets its share. From fine to coarse:
   * where groups leave no way to split the first ones, the next ones are.
   */
  strata(found: readonly Found[], names: readonly string[]): readonly Strata[];
  /** Of numbers. */
  readonly ranges?: (labels: readonly Label[], names: readonly string[]) => readonly NumberRange[];
}
