import type { RunOverrides } from '../protocol/index.js';
import {
  checkOptions,
  number,
  type OptionTable,
  pictureSize,
  positive,
  whole,
  wholeFrom,
} from '../common/check-options.js';

/** What may be said in the place of a script: a command line and a run.json are held to the same. */
export const overrideRules: OptionTable<RunOverrides> = {
  epochs: wholeFrom(1),
  batchSize: wholeFrom(1),
  learningRate: positive,
  seed: whole,
  validation: number('a fraction between 0 and 1', (value) => value > 0 && value < 1),
  size: pictureSize,
  save: { is: 'false', holds: (value) => value === false },
};

/** @throws GraftError for what a run cannot be started with: run.json lies in the workspace, and anybody may have written it. */
export function checkOverrides(value: unknown): RunOverrides {
  checkOptions('overrides', value, overrideRules);
  return value as RunOverrides;
}

/** As the command line says them: `--batch-size 16`. */
export function overrideFlags(overrides: RunOverrides): string[] {
  return Object.entries(overrides).map(([name, value]) => {
    const flag = `--${name.replace(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`)}`;
    return value === false ? `--no-${name}` : `${flag} ${Array.isArray(value) ? value.join('x') : String(value)}`;
  });
}
