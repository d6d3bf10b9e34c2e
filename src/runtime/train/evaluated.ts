import type { ImageExample } from '../data/types.js';
import type { Evaluation } from '../evaluate/metrics.js';

/** What a model says about the validation set. */
export interface Evaluated extends Evaluation {
  /** In the order of the probabilities. */
  readonly validation: readonly ImageExample[];
  /** [validation, classes]. */
  readonly probabilities: Float32Array;
}
