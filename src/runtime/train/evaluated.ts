import type { Figures } from '../../protocol/index.js';
import type { Outputs } from '../tasks/index.js';

/** What a model says about a side of the split, and how well it does there. */
export interface Evaluated {
  readonly outputs: Outputs;
  readonly figures: Figures;
}
