/** Configurations and errors in the words of TensorFlow.js. */
import { messageOf } from '../../../common/errors.js';
import { registerFunction } from '../../layers/index.js';
import { parseFunction } from '../../layers/functions.js';
import { camelCase } from './activations.js';
import type { Fields, Layer } from './network.js';
import type { Translation } from './translation.js';

/** All weights are loaded: whatever a layer would draw is time lost. */
const zeros = { className: 'Zeros', config: {} };
const initialized = [
  'kernel',
  'bias',
  'depthwise',
  'pointwise',
  'gamma',
  'beta',
  'movingMean',
  'movingVariance',
  'alpha',
  'embeddings',
  'recurrent',
];

export function zeroInitializers(className: string): Fields {
  // It refuses the name of what its kernel is made of.
  const kinds = className === 'SeparableConv2D' ? initialized.filter((kind) => kind !== 'kernel') : initialized;
  return Object.fromEntries(kinds.map((kind) => [`${kind}Initializer`, zeros]));
}

/** TensorFlow.js wrote it: in its own words, but for how Python writes names. */
export function asItIs({ className, config }: Layer): Translation {
  const read = camelConfig(config) as Record<string, unknown>;
  const { activation } = read;
  if (typeof activation === 'string' && activation.includes('(')) registerFunction(parseFunction(activation));
  return { className, config: read };
}

/** What only training needs of what TensorFlow.js wrote. */
const left = /(Initializer|Regularizer|Constraint)$/;

function camelConfig(value: unknown): unknown {
  if (typeof value === 'string') return camelCase(value);
  if (Array.isArray(value)) return value.map(camelConfig);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, entry]) => {
      const name = camelCase(key);
      if (left.test(name)) return [];
      return [[name, key === 'name' ? (entry as unknown) : camelConfig(entry)]];
    }),
  );
}

/** What an error of TensorFlow.js says: its own are sentences; those of the language, and those for programmers, are accidents. */
export function sentenceOf(error: unknown): string {
  const message = messageOf(error);
  const accident = error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError;
  return accident || /\bundefined\b/.test(message) ? 'its configuration is not one that can be read' : message;
}
