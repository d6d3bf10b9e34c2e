import { number, type OptionTable, whole } from '../../common/check-options.js';
import { GraftError } from '../../common/errors.js';
import type { Words } from './words.js';

/** How examples of any kind are split. */
export interface SplitOptions {
  /** Fraction of each class kept for validation, in (0, 1). Default 0.2. Ignored where the data brings its own split. */
  readonly validation?: number;
  /**
   * Fraction of each class kept for a test, in (0, 1): what a model is measured on at the end, and nothing is chosen by. Default: none.
   * Ignored where the data brings its own.
   */
  readonly test?: number;
  /**
   * What examples of one group have in their file name (or their path), for instance `/^(patient\d+)_/`: they stay on one side of the
   * split. What the first pair of brackets matches is the group; without brackets, all that the pattern matches.
   */
  readonly group?: RegExp | string;
  /** Decides the split and what else is random in the data. Default 0. */
  readonly seed?: number;
}

const fraction = (example: number, more = '') =>
  number(`a fraction between 0 and 1, for instance ${example}${more}`, (value) => value > 0 && value < 1);

export const splitOptions: OptionTable<SplitOptions> = {
  validation: fraction(0.2),
  test: fraction(0.1, '; leave it out for no test set'),
  group: {
    is: 'a regular expression, for instance /^(patient\\d+)_/',
    holds: (value) => value instanceof RegExp || typeof value === 'string',
  },
  seed: whole,
};

/** @throws GraftError where nothing would be left to learn from. */
export function checkSides(reader: string, { validation = 0.2, test = 0 }: SplitOptions, { many }: Words): void {
  if (validation + test < 1) return;
  throw new GraftError(`${reader}: validation is ${validation} and test is ${test}.`, {
    action: `Together they must leave ${many} to learn from.`,
  });
}
