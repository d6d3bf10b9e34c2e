import { seedOf, uniform } from '../../src/common/random.js';

export interface Random {
  /** A whole number from 0 to n − 1; 0 where n is 0. */
  below(n: number): number;
  between(from: number, to: number): number;
}

/** Everything that a case draws is decided by the seed and the number of the case. */
export function randomOf(seed: number, index: number): Random {
  const next = uniform(seedOf(seed, 'break', index));
  return {
    below: (n) => Math.floor(next() * n),
    between: (from, to) => from + next() * (to - from),
  };
}

export function randomFrom<T>(random: Random, values: readonly T[]): T {
  const value = values[random.below(values.length)];
  if (value === undefined) throw new Error('There is nothing to choose from.');
  return value;
}
