import type { Preprocessing } from '../../../protocol/index.js';

/** How a base wants its pixels, and how that is known. */
export interface Decision {
  readonly preprocessing: Preprocessing;
  /** A sentence. */
  readonly why: string;
}
