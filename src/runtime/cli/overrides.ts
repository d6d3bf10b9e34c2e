import { type Command, InvalidArgumentError } from 'commander';

import { parseSize, pictureSides } from '../../common/check-options.js';
import type { RunOverrides } from '../../protocol/index.js';
import { overrideRules } from '../../runs/overrides.js';

export type OverrideOptions = Omit<RunOverrides, 'save'>;

/** What is said here comes before what the script says, and is recorded in the run. */
export function withOverrides(command: Command): Command {
  return command
    .option('--epochs <number>', 'instead of the script; of the head alone at most as many', as('epochs'))
    .option('--batch-size <number>', 'instead of the script', as('batchSize'))
    .option('--learning-rate <number>', 'instead of the script; of a schedule its peak', as('learningRate'))
    .option('--seed <number>', 'instead of the script: of split, order and initial weights', as('seed'))
    .option('--validation <fraction>', 'instead of the script', as('validation'))
    .option('--size <pixels>', 'of pictures and base instead of the script: 160, or HEIGHTxWIDTH', size);
}

export function overridesOf({
  epochs,
  batchSize,
  learningRate,
  seed,
  validation,
  size: pixels,
}: OverrideOptions): RunOverrides {
  const given = { epochs, batchSize, learningRate, seed, validation, size: pixels };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

/** Reads a word as that option, or says what it may be. */
function as(name: keyof OverrideOptions, parse: (text: string) => unknown = numberIn, is = overrideRules[name].is) {
  return (text: string) => {
    const value = parse(text);
    if (!overrideRules[name].holds(value)) throw new InvalidArgumentError(`It is ${is}.`);
    return value;
  };
}

function numberIn(text: string): number {
  return text.trim() === '' ? NaN : Number(text);
}

const { least, most } = pictureSides;
const size = as('size', parseSize, `a number of pixels from ${least} to ${most}, or two: 128x160`);
