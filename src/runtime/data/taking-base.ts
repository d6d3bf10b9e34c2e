import type { ModelEvent, Preprocessing } from '../../protocol/index.js';
import type { Tokenizer } from './text/tokenizer.js';

/** What a base knows of the examples that it takes, beyond the shape of its inputs. */
export interface TakingBase {
  readonly name: string;
  readonly preprocessing: Preprocessing;
  /** How the preprocessing is known, as a sentence; undefined where it needs no word. */
  readonly why?: string | undefined;
  /** Of a base of texts. */
  readonly tokenizer?: Tokenizer | undefined;
}

/** What becomes of an example before the first layer, as a run's log says it. */
export type Becomes = NonNullable<ModelEvent['preprocessing']>;
