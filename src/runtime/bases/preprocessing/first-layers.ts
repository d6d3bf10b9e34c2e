import type { Program } from '../../graph/program.js';
import { flatNumbers, type Numbers } from '../../layers/operators.js';
import type { tf } from '../../tf.js';
import type { Decision } from './decision.js';

/** y = factor · x + term, the channels' mean. */
interface Line {
  readonly factor: number;
  readonly term: number;
}

/** What changes no pixel's value. */
const keepsValues: ReadonlySet<string> = new Set([
  'InputLayer',
  'ZeroPadding2D',
  'Cropping2D',
  'Resample',
  'Resizing',
  'GetItem',
  'Dropout',
  'SpatialDropout2D',
  'GaussianNoise',
]);

/**
 * What a network's first layers say of the pixels that it takes: layers that scale them are made for one range, and a
 * BatchNormalization right at the input has the mean of the pixels that it has seen.
 */
export function byFirstLayers(program: Program): Decision | undefined {
  let [value] = program.inputs;
  let line: Line = { factor: 1, term: 0 };
  const scaling: string[] = [];
  for (;;) {
    const users = program.steps.filter(({ inputs }) => value !== undefined && inputs.includes(value));
    const [step] = users;
    if (users.length !== 1 || step === undefined) break;
    const { layer } = step;
    const next = step.inputs.length === 1 ? lineOf(layer) : undefined;
    if (next !== undefined) {
      line = { factor: line.factor * next.factor, term: line.term * next.factor + next.term };
      scaling.push(layer.name);
    } else if (!keepsValues.has(layer.getClassName())) {
      return scaled(line, scaling) ?? seen(layer);
    }
    [value] = step.outputs;
  }
  return scaled(line, scaling);
}

function scaled({ factor, term }: Line, layers: readonly string[]): Decision | undefined {
  if (layers.length === 0 || (near(factor, 1) && near(term, 0))) return undefined;
  const names = layers.map((name) => `"${name}"`).join(' and ');
  const what = `The network scales its pixels itself (${names})`;
  const zero = -term / factor;
  // Where it makes zero of a value below 1 and spreads what is around it, it takes pixels from 0 to 1.
  if (factor >= 1 && !near(factor, 1) && zero >= -1e-3 && zero < 1.001)
    return { preprocessing: 'unit', why: `${what}, and takes them from 0 to 1.` };
  const isOfBytes = near(zero, 0) ? factor <= 0.1 : zero > 1 && zero < 255 && factor <= 2;
  return isOfBytes ? { preprocessing: 'none', why: `${what}.` } : undefined;
}

/** By the moving mean and variance of a BatchNormalization that nothing with weights is before. */
function seen(layer: tf.layers.Layer): Decision | undefined {
  if (layer.getClassName() !== 'BatchNormalization') return undefined;
  const [mean, variance] = ['mean', 'variance'].map((name) => {
    const weight = layer.weights.find(({ originalName }) => originalName.endsWith(`moving_${name}`));
    return weight === undefined ? NaN : average(weight.read().dataSync());
  }) as [number, number];
  const deviation = Math.sqrt(variance);
  const why = (range: string) =>
    `"${layer.name}" at its input has seen pixels ${range} (mean ${mean.toPrecision(3)}, deviation ${deviation.toPrecision(3)}).`;
  if (mean > 10 && mean < 245 && deviation > 5) return { preprocessing: 'none', why: why('from 0 to 255') };
  if (mean > 0.05 && mean < 0.95 && deviation < 0.5) return { preprocessing: 'unit', why: why('from 0 to 1') };
  return undefined;
}

/** Undefined for a layer that is no line. */
function lineOf(layer: tf.layers.Layer): Line | undefined {
  const config = layer.getConfig();
  const numbers = (key: string, otherwise: number) => average(flatNumbers((config[key] ?? otherwise) as Numbers));
  switch (layer.getClassName()) {
    case 'Rescaling':
      return { factor: numbers('scale', 1), term: numbers('offset', 0) };
    case 'Normalization': {
      const [m, v] = layer.weights.map((weight) => weight.read().dataSync());
      const mean = m === undefined ? numbers('mean', 0) : average(m);
      const deviation = Math.sqrt(v === undefined ? numbers('variance', 1) : average(v));
      if (config['invert'] === true) return { factor: deviation, term: mean };
      return { factor: 1 / deviation, term: -mean / deviation };
    }
    case 'Operator':
      return operatorLine(config['operator'], config['first'] !== undefined, numbers('first', numbers('second', NaN)));
    default:
      return undefined;
  }
}

function operatorLine(operator: unknown, isFirst: boolean, constant: number): Line | undefined {
  if (Number.isNaN(constant)) return undefined;
  switch (operator) {
    case 'add':
      return { factor: 1, term: constant };
    case 'subtract':
      return isFirst ? { factor: -1, term: constant } : { factor: 1, term: -constant };
    case 'multiply':
      return { factor: constant, term: 0 };
    case 'divide':
      return isFirst ? undefined : { factor: 1 / constant, term: 0 };
    default:
      return undefined;
  }
}

function average(numbers: ArrayLike<number>): number {
  return Array.from(numbers).reduce((sum, value) => sum + value, 0) / numbers.length;
}

const near = (a: number, b: number) => Math.abs(a - b) < 1e-3;
