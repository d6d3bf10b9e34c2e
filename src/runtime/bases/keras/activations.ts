import type { NamedFunction } from '../../layers/index.js';
import { parseFunction } from '../../layers/functions.js';
import { fieldsOf, isOfKeras, type Dialect } from './network.js';

const plain = (name: string, ...args: number[]): NamedFunction => ({ name, args });

/** Keras's names of activations, as ours; where Keras 2 means something else, it says so. */
const byName: Readonly<Record<string, NamedFunction>> = {
  linear: plain('linear'),
  relu: plain('relu'),
  relu6: plain('relu6'),
  elu: plain('elu'),
  selu: plain('selu'),
  celu: plain('celu'),
  gelu: plain('gelu'),
  gelu_new: plain('geluTanh'),
  sigmoid: plain('sigmoid'),
  log_sigmoid: plain('logSigmoid'),
  sparse_sigmoid: plain('hardSigmoid', 2),
  hard_sigmoid: plain('hardSigmoid', 6),
  silu: plain('swish'),
  swish: plain('swish'),
  hard_silu: plain('hardSilu'),
  hard_swish: plain('hardSilu'),
  leaky_relu: plain('leakyRelu', 0.2),
  softmax: plain('softmax'),
  log_softmax: plain('logSoftmaxAlong'),
  softplus: plain('softplus'),
  softsign: plain('softsign'),
  tanh: plain('tanh'),
  hard_tanh: plain('clip', -1, 1),
  tanh_shrink: plain('tanhShrink'),
  soft_shrink: plain('softShrink'),
  hard_shrink: plain('hardShrink'),
  squareplus: plain('squareplus'),
  sparse_plus: plain('sparsePlus'),
  mish: plain('mish'),
  exponential: plain('exponential'),
};

/** Undefined: not known. */
export function activationOf(value: unknown, dialect: Dialect): NamedFunction | undefined {
  if (value === undefined || value === null) return plain('linear');
  if (typeof value === 'string') return dialect === 'tfjs' ? parseFunction(camelCase(value)) : named(value, dialect);
  const { class_name: className, config, module, registered_name: registered } = fieldsOf(value);
  // What somebody else wrote may be called like one of Keras's.
  if (typeof module === 'string' && !isOfKeras(module)) return undefined;
  if (typeof registered === 'string' && registered.includes('>')) return undefined;
  // Keras 3 writes functions that it does not name otherwise like this.
  if (className === 'function' && typeof config === 'string') return named(config, dialect);
  return layerFunction(String(className), fieldsOf(config));
}

function named(name: string, dialect: Dialect): NamedFunction | undefined {
  if (dialect === 'keras2' && name === 'hard_sigmoid') return plain('hardSigmoid');
  return Object.hasOwn(byName, name) ? byName[name] : undefined;
}

/** Keras 2 may write numbers of NumPy: {"type": "ndarray", "value": 6}. */
export function plainNumber(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'value' in value ? value.value : value;
}

/** A layer that computes no more than a function of each number. */
export function layerFunction(className: string, config: Readonly<Record<string, unknown>>): NamedFunction | undefined {
  const number = (key: string, otherwise: number) => {
    const value = plainNumber(config[key] ?? otherwise);
    return typeof value === 'number' ? value : undefined;
  };
  switch (className) {
    case 'ReLU': {
      const [maximum, slope, threshold] = [
        number('max_value', NaN),
        number('negative_slope', 0),
        number('threshold', 0),
      ];
      if (maximum === undefined || slope === undefined || threshold === undefined) return undefined;
      if (slope === 0 && threshold === 0 && Number.isNaN(maximum)) return plain('relu');
      return plain('relu', slope, maximum, threshold);
    }
    case 'LeakyReLU': {
      const slope = number('negative_slope', number('alpha', 0.3) ?? NaN);
      return slope === undefined || Number.isNaN(slope) ? undefined : plain('leakyRelu', slope);
    }
    case 'ELU': {
      const alpha = number('alpha', 1);
      return alpha === undefined ? undefined : plain('elu', alpha);
    }
    case 'Softmax': {
      const axis = number('axis', -1);
      return axis === undefined ? undefined : plain('softmaxAlong', axis);
    }
    default:
      return undefined;
  }
}

/** As TensorFlow.js reads names. */
export function camelCase(name: string): string {
  return name.length <= 1 ? name : name.replaceAll(/_+(\w|$)/g, (_, letter: string) => letter.toUpperCase());
}
