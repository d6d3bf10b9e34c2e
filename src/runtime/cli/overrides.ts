import { type Command, InvalidArgumentError } from 'commander';

import type { RunOverrides } from '../../protocol/index.js';

export type OverrideOptions = Omit<RunOverrides, 'save'>;

/** What is said here comes before what the script says, and is recorded in the run. */
export function withOverrides(command: Command): Command {
  return command
    .option('--epochs <number>', 'instead of the script; of the head alone at most as many', whole(1))
    .option('--batch-size <number>', 'instead of the script', whole(1))
    .option('--learning-rate <number>', 'instead of the script; of a schedule its peak', numberAbove0)
    .option('--seed <number>', 'instead of the script: of split, order and initial weights', whole(0))
    .option('--validation <fraction>', 'instead of the script', fraction)
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

function parsed(text: string, what: string, holds: (value: number) => boolean): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || !holds(value)) throw new InvalidArgumentError(`It is ${what}.`);
  return value;
}

const whole = (least: number) => (text: string) =>
  parsed(text, `a whole number from ${least}`, (value) => Number.isInteger(value) && value >= least);
const numberAbove0 = (text: string) => parsed(text, 'a positive number', (value) => value > 0);
const fraction = (text: string) => parsed(text, 'a fraction between 0 and 1', (value) => value > 0 && value < 1);

function size(text: string): readonly [number, number] {
  const sides = text
    .split('x')
    .map((side) =>
      parsed(
        side,
        'a number of pixels from 8 to 4096, or two: 128x160',
        (value) => Number.isInteger(value) && value >= 8 && value <= 4096,
      ),
    );
  const [height = 0, width = height, ...more] = sides;
  if (more.length > 0) throw new InvalidArgumentError('It is one number of pixels, or two: 128x160.');
  return [height, width];
}
