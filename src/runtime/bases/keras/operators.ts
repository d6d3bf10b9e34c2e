/** More than 300 lines: one table, an entry for each operator. */
import {
  flatNumbers,
  registerFunction,
  shapeOfNumbers,
  type BinaryOperator,
  type Numbers,
  type Reduction,
  type SliceSpec,
} from '../../layers/index.js';
import { isNumbers } from '../../layers/define.js';
import { methods, type Method } from '../../layers/resample.js';
import { activationOf, layerFunction } from './activations.js';
import { layerTable } from './layers.js';
import { ellipsis, Ref, refsIn, Slice } from './network.js';
import type { LayerReader } from './reader.js';
import { activation, unchanged, type Translation } from './translation.js';

/** An operator of TensorFlow or Keras in a model's graph: what it is given, by position or by name. */
class Operation {
  readonly #read = new Set<string>(['name', 'data_format', 'conjugate']);

  constructor(
    readonly layer: LayerReader,
    readonly name: string,
  ) {}

  /** @param names what Keras 3 and TensorFlow call it. */
  arg(position: number, ...names: string[]): unknown {
    for (const name of names) this.#read.add(name);
    const { call, config } = this.layer;
    const named = names
      .map((name) => call.kwargs[name] ?? config[name])
      .find((value) => value !== undefined && value !== null);
    return (position < 0 ? undefined : call.args[position]) ?? named ?? undefined;
  }

  text(position: number, otherwise: string, ...names: string[]): string {
    const value = this.arg(position, ...names) ?? otherwise;
    if (typeof value !== 'string') throw this.refuse(names[0] ?? '');
    return value.toLowerCase();
  }

  flag(...names: string[]): boolean {
    return this.arg(-1, ...names) === true;
  }

  number(otherwise: number, ...names: string[]): number {
    const value = this.arg(-1, ...names) ?? otherwise;
    if (typeof value !== 'number') throw this.refuse(names[0] ?? '');
    return value;
  }

  wholes(position: number, ...names: string[]): number[] | undefined {
    const value = this.arg(position, ...names);
    if (value === undefined) return undefined;
    const list = [value].flat() as unknown[];
    if (!list.every((entry) => entry === null || Number.isSafeInteger(entry))) throw this.refuse(names[0] ?? '');
    return list.map((entry) => (entry === null ? -1 : Number(entry)));
  }

  axis(value: number): number {
    return value < 0 ? value + this.layer.input.length : value;
  }

  refuse(what: string): Error {
    return this.layer.problem(
      `is the operator ${this.name} with ${what === '' ? 'arguments' : `a ${what}`} that is not known here`,
    );
  }

  /** @throws for what was not read. */
  finish(): void {
    for (const [key, value] of Object.entries({ ...this.layer.config, ...this.layer.call.kwargs })) {
      if (this.#read.has(key) || value === null || value === undefined) continue;
      if (['function', 'trainable', 'dtype'].includes(key)) continue;
      throw this.refuse(key);
    }
  }
}

type Make = (operation: Operation) => Translation | typeof unchanged;

const binary =
  (operator: BinaryOperator): Make =>
  (operation) => {
    const first = operation.arg(0, 'x1', 'x', 'a', 'value');
    const second = operation.arg(1, 'x2', 'y', 'b', 'bias');
    const refs = [first, second].filter((operand) => operand instanceof Ref);
    const scaling = rescaling(operator, first, second);
    if (scaling !== undefined) return { ...scaling, inputs: refs };
    const constant = (key: string, operand: unknown): Record<string, Numbers> => {
      if (operand instanceof Ref) return {};
      if (!isNumbers(operand)) throw operation.refuse('constant');
      return { [key]: operand as Numbers };
    };
    return {
      className: 'Operator',
      config: { operator, ...constant('first', first), ...constant('second', second) },
      inputs: refs,
    };
  };

/** With a number, or one for each channel, TensorFlow.js has a layer for it. */
function rescaling(operator: BinaryOperator, first: unknown, second: unknown): Translation | undefined {
  const isFirst = first instanceof Ref;
  const operand = isFirst ? second : first;
  if (operand instanceof Ref || !isNumbers(operand)) return undefined;
  const shape = shapeOfNumbers(operand as Numbers);
  if (shape.slice(0, -1).some((size) => size !== 1)) return undefined;
  const list = flatNumbers(operand as Numbers);
  const each = (f: (value: number) => number) => (list.length === 1 ? f(list[0] ?? 0) : list.map(f));
  const made = (scale: number | number[], offset: number | number[]) => ({
    className: 'Rescaling',
    config: { scale, offset },
  });
  const same = each((value) => value);
  switch (operator) {
    case 'add':
      return made(1, same);
    case 'subtract':
      return isFirst
        ? made(
            1,
            each((value) => -value),
          )
        : made(-1, same);
    case 'multiply':
      return made(same, 0);
    case 'divide':
      return isFirst
        ? made(
            each((value) => 1 / value),
            0,
          )
        : undefined;
    case 'maximum':
    case 'minimum':
      return undefined;
  }
}

const elementwise =
  (name: string, ...args: number[]): Make =>
  () =>
    activation(registerFunction({ name, args }));

/** A function that layers have too, by Keras's name. */
const named =
  (name: string): Make =>
  () => {
    const fn = activationOf(name, 'keras3');
    if (fn === undefined) throw new Error(name);
    return activation(registerFunction(fn));
  };

const along =
  (name: string): Make =>
  (operation) => {
    const axis = operation.number(-1, 'axis');
    const last = axis === -1 || axis === operation.layer.input.length - 1;
    if (last && name === 'softmaxAlong') return activation('softmax');
    return activation(registerFunction({ name, args: [last ? -1 : axis] }));
  };

const reduce =
  (operator: Reduction): Make =>
  (operation) => {
    const given = operation.wholes(1, 'axis', 'axes');
    if (operation.arg(-1, 'initial', 'where') !== undefined) throw operation.refuse('where');
    const axes = given?.map((axis) => operation.axis(axis));
    if (axes === undefined || axes.includes(0)) throw operation.refuse('mean over the pictures of a batch');
    return { className: 'Reduce', config: { operator, axes, keepdims: operation.flag('keepdims', 'keep_dims') } };
  };

/** Static sizes without the batch. */
const reshaped = (targetShape: readonly number[]): Translation => ({ className: 'Reshape', config: { targetShape } });

function sizes(operation: Operation): number[] {
  return operation.layer.sizes();
}

const product = (list: readonly number[]) => list.reduce((total, size) => total * size, 1);

const getItem: Make = (operation) => {
  const value = operation.arg(1, 'key', 'slice_spec', 'slices');
  const list = (Array.isArray(value) ? value : [value]) as unknown[];
  const rank = operation.layer.input.length;
  const dots = list.indexOf(ellipsis);
  const all: SliceSpec = [null, null, null];
  const fill = new Array<SliceSpec>(Math.max(0, rank - (list.length - (dots === -1 ? 0 : 1)))).fill(all);
  const specs = list.map((part): SliceSpec => {
    if (part instanceof Slice) return [part.start, part.stop, part.step];
    if (Number.isSafeInteger(part)) return Number(part);
    if (part === ellipsis) return all;
    throw operation.refuse('index');
  });
  const spec = dots === -1 ? [...specs, ...fill] : specs.toSpliced(dots, 1, ...fill);
  if (spec.length !== rank || JSON.stringify(spec[0]) !== JSON.stringify(all))
    throw operation.refuse('part of the batch');
  return { className: 'GetItem', config: { spec } };
};

const resize: Make = (operation) => {
  const size = operation.wholes(1, 'size');
  const method = operation.arg(-1, 'interpolation', 'method') ?? 'bilinear';
  if (size?.length !== 2 || !methods.includes(method as Method)) throw operation.refuse('size or method');
  for (const key of ['preserve_aspect_ratio', 'crop_to_aspect_ratio', 'pad_to_aspect_ratio'])
    if (operation.flag(key)) throw operation.refuse(key);
  operation.arg(-1, 'fill_mode');
  operation.arg(-1, 'fill_value');
  return { className: 'Resample', config: { method, size, antialias: operation.flag('antialias') } };
};

const pool =
  (className: string): Make =>
  (operation) => {
    const poolSize = operation.wholes(1, 'pool_size', 'ksize');
    const strides = operation.wholes(2, 'strides') ?? poolSize;
    const padding = operation.text(3, 'valid', 'padding');
    if (poolSize === undefined || operation.layer.input.length !== 4) throw operation.refuse('pool_size');
    const pair = (list: readonly number[] | undefined) =>
      list?.length === 1 ? [list[0], list[0]] : list?.length === 4 ? list.slice(1, 3) : list;
    return { className, config: { poolSize: pair(poolSize), strides: pair(strides), padding } };
  };

const cast: Make = (operation) => {
  const dtype = operation.arg(1, 'dtype');
  if (dtype !== undefined && !JSON.stringify(dtype).includes('float')) throw operation.refuse('dtype');
  return unchanged;
};

/** By name, as Keras 3 and TensorFlow have them. */
const operations: Readonly<Record<string, Make>> = {
  add: binary('add'),
  add_v2: binary('add'),
  bias_add: binary('add'),
  subtract: binary('subtract'),
  sub: binary('subtract'),
  multiply: binary('multiply'),
  mul: binary('multiply'),
  divide: binary('divide'),
  true_divide: binary('divide'),
  truediv: binary('divide'),
  realdiv: binary('divide'),
  maximum: binary('maximum'),
  minimum: binary('minimum'),
  power: power(),
  pow: power(),

  relu: named('relu'),
  relu6: named('relu6'),
  sigmoid: named('sigmoid'),
  tanh: named('tanh'),
  silu: named('silu'),
  swish: named('silu'),
  selu: named('selu'),
  mish: named('mish'),
  softplus: named('softplus'),
  softsign: named('softsign'),
  hard_sigmoid: named('hard_sigmoid'),
  hard_silu: named('hard_silu'),
  hard_swish: named('hard_silu'),
  hard_tanh: named('hard_tanh'),
  log_sigmoid: named('log_sigmoid'),
  tanh_shrink: named('tanh_shrink'),
  elu: (operation) => activation(registerFunction({ name: 'elu', args: [operation.number(1, 'alpha')] })),
  celu: (operation) => activation(registerFunction({ name: 'celu', args: [operation.number(1, 'alpha')] })),
  leaky_relu: (operation) =>
    activation(registerFunction({ name: 'leakyRelu', args: [operation.number(0.2, 'negative_slope', 'alpha')] })),
  gelu: (operation) => {
    // Keras 3 approximates where nothing is said, TensorFlow does not.
    const approximate = operation.arg(1, 'approximate') ?? operation.layer.dialect === 'keras3';
    return activation(registerFunction({ name: approximate === true ? 'geluTanh' : 'gelu', args: [] }));
  },
  softmax: along('softmaxAlong'),
  log_softmax: along('logSoftmaxAlong'),
  abs: elementwise('abs'),
  absolute: elementwise('abs'),
  negative: elementwise('negative'),
  neg: elementwise('negative'),
  square: elementwise('square'),
  sqrt: elementwise('sqrt'),
  rsqrt: elementwise('rsqrt'),
  exp: elementwise('exponential'),
  log: elementwise('log'),
  clip: clip(),
  clip_by_value: clip(),

  mean: reduce('mean'),
  reduce_mean: reduce('mean'),
  sum: reduce('sum'),
  reduce_sum: reduce('sum'),
  max: reduce('max'),
  amax: reduce('max'),
  reduce_max: reduce('max'),
  min: reduce('min'),
  amin: reduce('min'),
  reduce_min: reduce('min'),

  get_item: getItem,
  getitem: getItem,
  reshape: (operation) => {
    const shape = operation.wholes(1, 'newshape', 'shape');
    const [batch, ...rest] = shape ?? [];
    const all = product(sizes(operation));
    const known = product(rest.filter((size) => size !== -1));
    // The batch stays the batch.
    if (batch === undefined || (rest.includes(-1) ? all % known !== 0 : known !== all)) throw operation.refuse('shape');
    return reshaped(rest.map((size) => (size === -1 ? all / known : size)));
  },
  transpose: (operation) => {
    const perm = operation.wholes(1, 'axes', 'perm');
    if (perm?.[0] !== 0) throw operation.refuse('batch that is moved');
    return { className: 'Permute', config: { dims: perm.slice(1) } };
  },
  expand_dims: (operation) => {
    const [axis = -1] = operation.wholes(1, 'axis') ?? [];
    const at = axis < 0 ? axis + operation.layer.input.length + 1 : axis;
    if (at === 0) throw operation.refuse('batch that is moved');
    return reshaped(sizes(operation).toSpliced(at - 1, 0, 1));
  },
  flip: reverse(),
  reverse: reverse(),
  reverse_v2: reverse(),
  l2_normalize: (operation) => {
    const axes = operation.wholes(1, 'axis', 'dim')?.map((axis) => operation.axis(axis));
    if (axes?.join() !== String(operation.layer.input.length - 1)) throw operation.refuse('axis');
    const epsilon = operation.number(1e-12, 'epsilon');
    return { className: 'RootNormalization', config: { of: 'sum', epsilon, scale: false } };
  },
  squeeze: (operation) => {
    const given = operation.wholes(1, 'axis', 'squeeze_dims')?.map((axis) => operation.axis(axis));
    return reshaped(sizes(operation).filter((size, i) => !(given === undefined ? size === 1 : given.includes(i + 1))));
  },
  flatten: (operation) => reshaped([product(sizes(operation))]),
  concatenate: concatenate(),
  concat: concatenate(),
  stack: (operation) => {
    const list = operation.arg(0, 'x', 'values', 'arrays');
    const axis = operation.number(0, 'axis');
    const at = axis < 0 ? axis + operation.layer.input.length + 1 : axis;
    if (at === 0) throw operation.refuse('batch that is moved');
    return { className: 'Stack', config: { axis: at }, inputs: onlyRefs(operation, list) };
  },
  pad: (operation) => {
    const paddings = operation.arg(1, 'pad_width', 'paddings');
    const value = operation.arg(-1, 'constant_values') ?? 0;
    const mode = operation.text(-1, 'constant', 'mode');
    const pairs = paddings as readonly (readonly number[])[];
    if (
      mode !== 'constant' ||
      !isNumbers(paddings) ||
      pairs.length !== operation.layer.input.length ||
      typeof value !== 'number'
    )
      throw operation.refuse('mode or amount');
    if (pairs[0]?.some((amount) => amount !== 0) === true) throw operation.refuse('batch that is padded');
    return { className: 'PadWith', config: { paddings, value } };
  },
  matmul: (operation) => {
    const [a, b] = [operation.arg(0, 'x1', 'a'), operation.arg(1, 'x2', 'b')];
    if (!(a instanceof Ref) || !(b instanceof Ref)) throw operation.refuse('constant');
    for (const key of ['adjoint_a', 'adjoint_b', 'a_is_sparse', 'b_is_sparse'])
      if (operation.flag(key)) throw operation.refuse(key);
    const [transposeA, transposeB] = [operation.flag('transpose_a'), operation.flag('transpose_b')];
    return { className: 'MatMul', config: { transposeA, transposeB }, inputs: [a, b] };
  },
  resize,
  average_pool: pool('AveragePooling2D'),
  avg_pool: pool('AveragePooling2D'),
  avg_pool2d: pool('AveragePooling2D'),
  max_pool: pool('MaxPooling2D'),
  max_pool2d: pool('MaxPooling2D'),
  cast,
  identity: () => unchanged,
  stop_gradient: () => unchanged,
};

function power(): Make {
  return (operation) => {
    const exponent = operation.arg(1, 'x2', 'y');
    if (typeof exponent !== 'number') throw operation.refuse('power');
    return activation(registerFunction({ name: 'power', args: [exponent] }));
  };
}

function reverse(): Make {
  return (operation) => {
    const axes = operation.wholes(1, 'axis')?.map((axis) => operation.axis(axis));
    if (axes === undefined || axes.includes(0)) throw operation.refuse('batch that is reversed');
    const spec = operation.layer.input.map((_, axis): SliceSpec => [null, null, axes.includes(axis) ? -1 : null]);
    return { className: 'GetItem', config: { spec } };
  };
}

function clip(): Make {
  return (operation) => {
    const [low, high] = [
      operation.arg(1, 'x_min', 'clip_value_min', 'min'),
      operation.arg(2, 'x_max', 'clip_value_max', 'max'),
    ].map((bound) => bound ?? NaN);
    if (typeof low !== 'number' || typeof high !== 'number') throw operation.refuse('bound');
    return activation(registerFunction({ name: 'clip', args: [low, high] }));
  };
}

function concatenate(): Make {
  return (operation) => {
    const list = operation.arg(0, 'xs', 'values');
    const axis = operation.number(Array.isArray(list) && operation.layer.dialect === 'keras3' ? 0 : -1, 'axis');
    const at = operation.axis(axis);
    if (at === 0) throw operation.refuse('batch that is joined');
    return { className: 'Concatenate', config: { axis: at }, inputs: onlyRefs(operation, list) };
  };
}

function onlyRefs(operation: Operation, list: unknown): Ref[] {
  const refs = refsIn(list);
  if (!Array.isArray(list) || refs.length !== list.length) throw operation.refuse('constant');
  return refs;
}

/** Layers that are called like operators; a layer takes its inputs as one list. */
const ambiguous: ReadonlySet<string> = new Set(['Add', 'Subtract', 'Multiply', 'Maximum', 'Minimum', 'Average', 'Dot']);

/** The operator that a layer of a file is; undefined for a layer that is none. */
export function operatorName(reader: LayerReader): string | undefined {
  const { layer, call, dialect } = reader;
  const { className, module, config } = layer;
  if (className === 'TFOpLambda' || className === 'SlicingOpLambda')
    return String(config['function']).split('.').at(-1) ?? '';
  if (dialect !== 'keras3') return undefined;
  // Where Keras 3 does not say where a class is from (.h5), its arguments do.
  const isOperator =
    module !== ''
      ? /^keras\.(src\.)?(ops|activations)(\.|$)/.test(module)
      : ambiguous.has(className)
        ? !Array.isArray(call.args[0])
        : 'newshape' in config || !Object.hasOwn(layerTable, className);
  if (!isOperator) return undefined;
  // As Keras 3 turns classes into names.
  return className
    .replaceAll(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replaceAll(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
}

export const isOperation = (name: string): boolean => Object.hasOwn(operations, name);

/** @throws GraftError that names the operator and what of it is not known. */
export function translateOperator(layer: LayerReader, name: string): Translation | typeof unchanged {
  // keras.activations.relu with arguments is a class of its own.
  const whole = layer.layer.module.includes('activations')
    ? layerFunction(layer.layer.className, layer.config)
    : undefined;
  if (whole !== undefined) return activation(registerFunction(whole));
  const make = Object.hasOwn(operations, name) ? operations[name] : undefined;
  if (make === undefined) throw layer.problem(`is the operator ${name}, which is not known here`);
  const operation = new Operation(layer, name);
  const translation = make(operation);
  operation.arg(0, 'x', 'input', 'tensor', 'features', 'a', 'images', 'logits');
  operation.finish();
  return translation;
}
