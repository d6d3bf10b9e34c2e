import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Command } from 'commander';

import { overridesOf, withOverrides, type OverrideOptions } from '../../../src/runtime/cli/overrides.js';
import { checkOverrides } from '../../../src/runs/overrides.js';

function read(...words: readonly string[]): unknown {
  const command = withOverrides(new Command())
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  command.parse([...words], { from: 'user' });
  return overridesOf(command.opts<OverrideOptions>());
}

test('what is said on the command line is what a run may be started with', () => {
  const words = [
    '--epochs',
    '3',
    '--batch-size',
    '16',
    '--learning-rate',
    '1e-3',
    '--seed',
    '-7',
    '--validation',
    '.5',
  ];
  const all = { epochs: 3, batchSize: 16, learningRate: 0.001, seed: -7, validation: 0.5 };
  assert.deepEqual(read(...words, '--size', '96x128'), { ...all, size: [96, 128] });
  assert.deepEqual(checkOverrides({ ...all, size: [96, 128] }), { ...all, size: [96, 128] });
  assert.deepEqual(read('--size', '160'), { size: [160, 160] });
  assert.deepEqual(read(), {});
});

const pixels = /It is a number of pixels from 8 to 4096, or two: 128x160\./;
for (const [flag, value, expected] of [
  ['--epochs', '0', /It is a whole number from 1\./],
  ['--epochs', '1.5', /It is a whole number from 1\./],
  ['--batch-size', '', /It is a whole number from 1\./],
  ['--learning-rate', '0', /It is a positive number\./],
  ['--learning-rate', 'Infinity', /It is a positive number\./],
  ['--seed', '0.5', /It is a whole number\./],
  ['--validation', '1', /It is a fraction between 0 and 1\./],
  ...['7', '4097', '96x', '96x96x96', 'wide'].map((size) => ['--size', size, pixels] as const),
] as const)
  test(`${flag} ${value} is refused`, () => {
    assert.throws(() => read(flag, value), expected);
  });
