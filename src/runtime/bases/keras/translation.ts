import type { Ref } from './network.js';

/** A layer as TensorFlow.js builds it: `layers/` has those that are not its own. */
export interface Translation {
  readonly className: string;
  /** In its own words: camelCase, without a name. */
  readonly config: Readonly<Record<string, unknown>>;
  /** What it takes, where that is not simply what the call has. */
  readonly inputs?: readonly Ref[];
}

/** What it is given: no layer at all. */
export const unchanged = 'unchanged';

/** A function of each number by itself. */
export const activation = (text: string): Translation => ({ className: 'Activation', config: { activation: text } });
