import type { Kind, NumberRange, Task } from '../../protocol/index.js';

/** What can be known of labelled examples without a look into any. */
export interface DataSummary {
  readonly kind: Kind;
  /** What is learnt, and all that could be, the likeliest first. */
  readonly task: Task;
  readonly tasks: readonly Task[];
  /** Of numbers. */
  readonly numbers?: readonly NumberRange[];
  /** Of examples. */
  readonly count: number;
  readonly classes: readonly { readonly name: string; readonly count: number }[];
  /** What was taken for what, in sentences. */
  readonly notes: readonly string[];
  /** Whether the data bring a validation set, so that none is split off. */
  readonly ownValidation: boolean;
  /** Whether every folder of a class holds folders of examples instead of examples: probably these are data sets of their own. */
  readonly nested: boolean;
}
