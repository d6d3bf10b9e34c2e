import type { Prediction } from '../../src/protocol/index.js';
import type { ask } from '../host.js';

/** How what asks the model hands over what it has asked, and what it says itself. */
export interface Trying {
  readonly trusted: boolean;
  readonly wait: (answered: ReturnType<typeof ask<'try' | 'tryTexts' | 'chooseExamples'>>) => void;
  readonly show: (predictions: readonly Prediction[]) => void;
}
