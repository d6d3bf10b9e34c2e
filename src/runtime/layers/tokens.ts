import { tf } from '../tf.js';
import { defineLayer, isWhole, type Check } from './define.js';

interface TokenVectorsSettings {
  /** How many tokens there are. */
  readonly vocabulary: number;
  /** Numbers of each one's vector. */
  readonly units: number;
}

/**
 * A vector for each token, [N, length] → [N, length, units]: whole numbers from −127 to 127 (`table`), times a number for each token
 * (`scale`). They do not train: what a small step would change is lost between two whole numbers.
 */
export const TokenVectors = defineLayer<TokenVectorsSettings>({
  className: 'TokenVectors',
  settings: { vocabulary: isWhole, units: isWhole },
  weights: ({ vocabulary, units }) => [
    { name: 'table', shape: [vocabulary, units], trainable: false, initial: 'bytes' },
    { name: 'scale', shape: [vocabulary, 1], trainable: false, initial: 1 / 127 },
  ],
  outputShape: ({ units }, [input = []]) => [...input, units],
  call: ({ inputs: [ids], weights: [table, scale] }) => {
    if (ids === undefined || table === undefined || scale === undefined) throw new Error('TokenVectors takes ids.');
    const rows = tf.cast(ids, 'int32');
    return tf.mul(tf.gather(table, rows), tf.gather(scale, rows));
  },
});

/** What may be taken of all tokens' numbers. */
export type TokenStatistic = 'mean' | 'max' | 'min';
const statistics: Readonly<Record<TokenStatistic, (x: tf.Tensor, axis: number) => tf.Tensor>> = {
  mean: tf.mean,
  max: tf.max,
  min: tf.min,
};

export const isStatistics: Check = (value) =>
  Array.isArray(value) && value.length > 0 && value.every((name) => Object.hasOwn(statistics, String(name)));

interface TokenPoolingSettings {
  readonly of: readonly TokenStatistic[];
}

/** Statistics over a text's tokens, one after the other: [N, length, units] → [N, of.length · units]. */
export const TokenPooling = defineLayer<TokenPoolingSettings>({
  className: 'TokenPooling',
  settings: { of: isStatistics },
  outputShape: ({ of }, [input = []]) => [input[0] ?? null, of.length * Number(input[2])],
  call: ({ inputs: [x], settings: { of } }) => {
    if (x === undefined) throw new Error('TokenPooling takes one input.');
    return tf.concat(
      of.map((name) => statistics[name](x, 1)),
      -1,
    );
  },
});
