import { channelTransform, type Preprocessing } from '../data/preprocessing.js';

/**
 * Looks whether numbers given to a base can be what `preprocessing` makes of pixels. Returns what is wrong, in words, or
 * undefined.
 *
 * @param sample some inputs of the base, [n, height, width, 3].
 */
export function checkInputRange(sample: ArrayLike<number>, preprocessing: Preprocessing): string | undefined {
  let [low, high] = [Infinity, -Infinity];
  for (const value of Array.from(sample)) {
    if (Number.isNaN(value)) return 'the input holds NaN';
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const { scale, offset } = channelTransform(preprocessing);
  const expectedLow = Math.min(...offset);
  const expectedHigh = Math.max(...scale.map((factor, c) => factor * 255 + (offset[c] ?? 0)));
  const slack = 0.02 * (expectedHigh - expectedLow);
  const range = (a: number, b: number) => `${Number(a.toPrecision(4))} … ${Number(b.toPrecision(4))}`;
  const expected = `the base expects ${range(expectedLow, expectedHigh)} ("${preprocessing}")`;
  if (low < expectedLow - slack || high > expectedHigh + slack)
    return `the input is ${range(low, high)}, but ${expected}`;
  if (high - low < (expectedHigh - expectedLow) / 50)
    return `the input is only ${range(low, high)}, but ${expected}: was it scaled twice?`;
  return undefined;
}
