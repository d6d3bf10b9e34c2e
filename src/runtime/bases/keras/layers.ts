/** More than 300 lines: one table, an entry for each layer of Keras. */
import { registerFunction } from '../../layers/index.js';
import { methods } from '../../layers/resample.js';
import { layerFunction } from './activations.js';
import { Ref, refsIn } from './network.js';
import type { LayerReader } from './reader.js';
import { activation, unchanged, type Translation } from './translation.js';

type Translate = (layer: LayerReader) => Translation | typeof unchanged;

const same =
  (read: (layer: LayerReader) => Readonly<Record<string, unknown>>): Translate =>
  (layer) => ({ className: layer.layer.className, config: read(layer) });

/** Nothing at inference, whatever they are told to do in training. */
const nothing: Translate = (layer) => {
  layer.ignore(...Object.keys(layer.config));
  return unchanged;
};

/** @throws for the other one. */
function channelsLast(layer: LayerReader): void {
  if (layer.oneOf('data_format', ['channels_last', 'channels_first'], 'channels_last') === 'channels_first')
    throw layer.problem(
      'has its channels first (data_format "channels_first")',
      'Convert the model in Keras to data_format="channels_last", and save it again.',
    );
}

const padding = (layer: LayerReader) => layer.oneOf('padding', ['valid', 'same'], 'valid');

function window(layer: LayerReader) {
  return {
    kernelSize: layer.pair('kernel_size'),
    strides: layer.pair('strides', [1, 1]),
    padding: padding(layer),
    dilationRate: layer.pair('dilation_rate', [1, 1]),
    useBias: layer.flag('use_bias', true),
    activation: layer.activation(),
  };
}

const pool = same((layer) => {
  const size = layer.pair('pool_size', [2, 2]);
  channelsLast(layer);
  return { poolSize: size, strides: layer.pair('strides', size), padding: padding(layer) };
});

const globalPool =
  (operator: 'mean' | 'max', axes: readonly number[]): Translate =>
  (layer) => {
    channelsLast(layer);
    if (!layer.flag('keepdims', false)) return { className: layer.layer.className, config: {} };
    return { className: 'Reduce', config: { operator, axes, keepdims: true } };
  };

/** A function of each number by itself. */
const elementwise: Translate = (layer) => {
  const { className } = layer.layer;
  for (const key of ['max_value', 'negative_slope', 'threshold', 'alpha']) layer.optionalNumber(key);
  if (layer.raw('axis') !== undefined) layer.whole('axis');
  const fn = layerFunction(className, layer.config);
  if (fn === undefined) throw layer.problem('has numbers that are not known here');
  const [a, maximum, threshold] = fn.args;
  // TensorFlow.js's own where they are equal.
  if (className === 'LeakyReLU') return { className, config: { alpha: a ?? 0.3 } };
  if (className === 'ELU' && a === 1) return { className, config: {} };
  if (className === 'ReLU' && (a ?? 0) === 0 && (threshold ?? 0) === 0)
    return { className, config: maximum === undefined || Number.isNaN(maximum) ? {} : { maxValue: maximum } };
  if (className === 'ReLU' && (threshold ?? 0) === 0 && Number.isNaN(maximum))
    return { className: 'LeakyReLU', config: { alpha: a } };
  if (className === 'Softmax') {
    const axis = a ?? -1;
    return axis === -1 || axis === layer.input.length - 1
      ? { className, config: { axis: -1 } }
      : activation(registerFunction(fn));
  }
  return activation(registerFunction(fn));
};

function interpolation(layer: LayerReader) {
  return layer.oneOf('interpolation', methods, 'bilinear');
}

/** [top, left, height, width] of the largest part in the middle of a picture that has the shape of the target; or of the smallest around it. */
function middle(
  [height = 0, width = 0]: readonly number[],
  [h, w]: readonly [number, number],
  limit: (a: number, b: number) => number = Math.min,
): number[] {
  const sides = [limit(height, Math.floor((width * h) / w)), limit(width, Math.floor((height * w) / h))] as const;
  return [Math.trunc((height - sides[0]) / 2), Math.trunc((width - sides[1]) / 2), ...sides];
}

/** The equation as axes to contract and to make; undefined for one that is more than a product over the last axes. */
function einsum(equation: string, rank: number): { contracted: number; labels: string } | undefined {
  const [, left = '', kernel = '', output = ''] = /^([a-zA-Z.]+),([a-zA-Z]+)->([a-zA-Z.]+)$/.exec(equation) ?? [];
  const dots = '⁰¹²³⁴⁵'.slice(0, Math.max(0, rank - left.replace('...', '').length));
  const [input, made] = [left.replace('...', dots), output.replace('...', dots)];
  const shared = Array.from(kernel)
    .filter((letter) => input.includes(letter))
    .join('');
  const fresh = kernel.slice(shared.length);
  if (shared === '' || !kernel.startsWith(shared) || !input.endsWith(shared) || input.length !== rank) return undefined;
  if (made !== input.slice(0, -shared.length) + fresh || new Set(input + fresh).size !== (input + fresh).length)
    return undefined;
  return { contracted: shared.length, labels: fresh };
}

const merge: Translate = (layer) => ({ className: layer.layer.className, config: {} });

const attention: Translate = (layer) => {
  const { kwargs, args } = layer.call;
  for (const key of ['attention_mask', 'query_mask', 'value_mask', 'key_mask'])
    if (kwargs[key] !== undefined && kwargs[key] !== null) throw layer.problem(`is given the argument ${key}`);
  for (const key of ['return_attention_scores', 'use_causal_mask'])
    if (kwargs[key] === true) throw layer.problem(`is applied with ${key}`);
  const [query, value, key] = [args[0] ?? kwargs['query'], args[1] ?? kwargs['value'], args[2] ?? kwargs['key']];
  if (!(query instanceof Ref) || !(value instanceof Ref)) throw layer.problem('is not given a query and a value');
  const rank = layer.input.length;
  if (rank !== 3) throw layer.problem(`takes values of rank ${rank}, and sequences are known here`);
  layer.must('attention_axes', [1], 1);
  layer.must('use_gate', false);
  layer.ignore('dropout', 'query_shape', 'key_shape', 'value_shape', 'flash_attention', 'softmax_robust_masking');
  const keyDim = layer.whole('key_dim');
  return {
    className: 'Attention',
    config: {
      heads: layer.whole('num_heads'),
      keyDim,
      valueDim: layer.whole('value_dim', keyDim),
      outputDim: layer.wholes('output_shape', [Number(layer.input.at(-1))])[0],
      useBias: layer.flag('use_bias', true),
    },
    inputs: [query, value, ...(key instanceof Ref ? [key] : [])],
  };
};

const batchNormalization: Translate = (layer) => {
  layer.must('renorm', false);
  layer.ignore('renorm_momentum', 'renorm_clipping', 'fused', 'virtual_batch_size');
  layer.must('mode', 0);
  const [axis = -1, ...more] = layer.axes('axis', [-1]);
  if (more.length > 0) throw layer.refuse('axis');
  const momentum = layer.number('momentum', 0.99);
  const config = {
    epsilon: layer.number('epsilon', 1e-3),
    center: layer.flag('center', true),
    scale: layer.flag('scale', true),
  };
  return axis === layer.input.length - 1
    ? { className: 'BatchNormalization', config: { axis: -1, momentum, ...config } }
    : { className: 'AxisNormalization', config: { axis, ...config } };
};

/**
 * The layers of Keras that are known, and what each is in TensorFlow.js or here. A key of a configuration that is not read is refused
 * (`LayerReader.finish`), so that nothing is taken for its default.
 */
export const layerTable: Readonly<Record<string, Translate>> = {
  // Core
  Dense: same((layer) => ({
    units: layer.whole('units'),
    useBias: layer.flag('use_bias', true),
    activation: layer.activation(),
  })),
  Activation: same((layer) => ({ activation: layer.activation() })),
  Flatten: same((layer) => {
    channelsLast(layer);
    return {};
  }),
  Reshape: same((layer) => ({ targetShape: layer.wholes('target_shape') })),
  Permute: same((layer) => ({ dims: layer.wholes('dims') })),
  RepeatVector: same((layer) => ({ n: layer.whole('n') })),
  Embedding: same((layer) => {
    layer.ignore('input_length');
    return {
      inputDim: layer.whole('input_dim'),
      outputDim: layer.whole('output_dim'),
      maskZero: layer.flag('mask_zero', false),
    };
  }),
  EinsumDense: (layer) => {
    const equation = String(layer.raw('equation'));
    const parsed = einsum(equation, layer.input.length);
    const output = layer.raw('output_shape');
    if (parsed === undefined) throw layer.refuse('equation');
    const units = [output].flat().slice(-parsed.labels.length).map(Number);
    if (units.length !== parsed.labels.length || !units.every(Number.isSafeInteger)) throw layer.refuse('output_shape');
    const given = layer.raw('bias_axes') ?? '';
    const axes = typeof given === 'string' ? given : '?';
    // The bias lies along the last axes, or along none.
    const biasShape = axes === '' ? [] : units.slice(-axes.length);
    if (!parsed.labels.endsWith(axes)) throw layer.refuse('bias_axes');
    return {
      className: 'EinsumDense',
      config: { contracted: parsed.contracted, units, biasShape, activation: layer.activation() },
    };
  },

  // Convolutions
  Conv1D: same((layer) => ({
    filters: layer.whole('filters'),
    kernelSize: layer.wholes('kernel_size'),
    strides: layer.wholes('strides', [1]),
    dilationRate: layer.wholes('dilation_rate', [1]),
    padding: padding(layer),
    useBias: layer.flag('use_bias', true),
    activation: layer.activation(),
    ...(layer.must('groups', 1), channelsLast(layer), {}),
  })),
  Conv2D: (layer) => {
    const groups = layer.whole('groups', 1);
    const config = { filters: layer.whole('filters'), ...window(layer) };
    channelsLast(layer);
    if (groups === 1) return { className: 'Conv2D', config };
    return { className: 'GroupedConv2D', config: { ...config, groups } };
  },
  DepthwiseConv2D: (layer) => {
    const config = { depthMultiplier: layer.whole('depth_multiplier', 1), ...window(layer) };
    channelsLast(layer);
    // Keras 2 takes these from Conv2D.
    layer.must('groups', 1);
    layer.must('filters');
    if (config.dilationRate.every((rate) => rate === 1)) return { className: 'DepthwiseConv2D', config };
    return { className: 'DilatedDepthwiseConv2D', config };
  },
  SeparableConv2D: same((layer) => {
    channelsLast(layer);
    layer.must('groups', 1);
    return {
      filters: layer.whole('filters'),
      depthMultiplier: layer.whole('depth_multiplier', 1),
      ...window(layer),
    };
  }),
  Conv2DTranspose: same((layer) => {
    channelsLast(layer);
    layer.must('output_padding');
    layer.must('groups', 1);
    layer.must('dilation_rate', [1, 1], 1);
    return { filters: layer.whole('filters'), ...window(layer) };
  }),

  // Pooling and shapes
  MaxPooling2D: pool,
  AveragePooling2D: pool,
  GlobalAveragePooling2D: globalPool('mean', [1, 2]),
  GlobalMaxPooling2D: globalPool('max', [1, 2]),
  GlobalAveragePooling1D: globalPool('mean', [1]),
  GlobalMaxPooling1D: globalPool('max', [1]),
  ZeroPadding2D: same((layer) => {
    channelsLast(layer);
    return { padding: layer.raw('padding') };
  }),
  Cropping2D: same((layer) => {
    channelsLast(layer);
    return { cropping: layer.raw('cropping') };
  }),
  UpSampling2D: (layer) => {
    const [y, x] = layer.pair('size', [2, 2]);
    channelsLast(layer);
    const method = layer.oneOf('interpolation', methods, 'nearest');
    if (method === 'nearest') return { className: 'UpSampling2D', config: { size: [y, x], interpolation: 'nearest' } };
    const [height = 0, width = 0] = layer.sizes();
    return { className: 'Resample', config: { method, size: [height * y, width * x] } };
  },
  Resizing: (layer) => {
    channelsLast(layer);
    layer.must('fill_mode', 'constant');
    const size = [layer.whole('height'), layer.whole('width')] as const;
    const crop = layer.flag('crop_to_aspect_ratio', false);
    const pad = layer.flag('pad_to_aspect_ratio', false);
    const fill = layer.number('fill_value', 0);
    return {
      className: 'Resample',
      config: {
        method: interpolation(layer),
        size,
        antialias: layer.flag('antialias', false),
        ...(crop ? { window: middle(layer.sizes(), size) } : {}),
        ...(pad ? { window: middle(layer.sizes(), size, Math.max), fill } : {}),
      },
    };
  },
  CenterCrop: (layer) => {
    channelsLast(layer);
    const size = [layer.whole('height'), layer.whole('width')] as const;
    const [height = 0, width = 0] = layer.sizes();
    if (height < size[0] || width < size[1])
      return { className: 'Resample', config: { method: 'bilinear', size, window: middle([height, width], size) } };
    const starts = [Math.floor((height - size[0]) / 2), Math.floor((width - size[1]) / 2)] as const;
    const spec = [[null, null, null], ...starts.map((start, i) => [start, start + (size[i] ?? 0), null])];
    return { className: 'GetItem', config: { spec } };
  },

  // Functions
  ReLU: elementwise,
  LeakyReLU: elementwise,
  ELU: elementwise,
  Softmax: elementwise,
  PReLU: same((layer) => ({ sharedAxes: layer.raw('shared_axes') ?? null })),
  ThresholdedReLU: same((layer) => ({ theta: layer.number('theta', 1) })),

  // Several inputs
  Add: merge,
  Multiply: merge,
  Average: merge,
  Maximum: merge,
  Minimum: merge,
  Subtract: (layer) => {
    const [a, b] = layer.inputs;
    if (a?.length !== b?.length) throw layer.problem('takes values of unlike ranks');
    return { className: 'Operator', config: { operator: 'subtract' } };
  },
  // TensorFlow.js takes each negative axis for the last one.
  Concatenate: same((layer) => ({ axis: layer.axes('axis', [-1])[0] })),
  Dot: same((layer) => ({ axes: layer.raw('axes'), normalize: layer.flag('normalize', false) })),
  MultiHeadAttention: attention,

  // Normalization
  BatchNormalization: batchNormalization,
  // As TensorFlow 1 calls it in its graphs, and what of several devices is the same on one.
  BatchNormalizationV1: batchNormalization,
  BatchNormalizationV2: batchNormalization,
  SyncBatchNormalization: batchNormalization,
  LayerNormalization: same((layer) => {
    layer.must('rms_scaling', false);
    return {
      axis: layer.axes('axis', [-1]),
      epsilon: layer.number('epsilon', 1e-3),
      center: layer.flag('center', true),
      scale: layer.flag('scale', true),
    };
  }),
  GroupNormalization: same((layer) => {
    if (layer.axes('axis', [-1])[0] !== layer.input.length - 1) throw layer.refuse('axis');
    const groups = layer.whole('groups', 32);
    return {
      groups: groups === -1 ? Number(layer.input.at(-1)) : groups,
      epsilon: layer.number('epsilon', 1e-3),
      center: layer.flag('center', true),
      scale: layer.flag('scale', true),
    };
  }),
  UnitNormalization: (layer) => {
    if (layer.axes('axis', [-1]).join() !== String(layer.input.length - 1)) throw layer.refuse('axis');
    return { className: 'RootNormalization', config: { of: 'sum', epsilon: 1e-12, scale: false } };
  },
  RMSNormalization: (layer) => {
    if (layer.axes('axis', [-1]).join() !== String(layer.input.length - 1)) throw layer.refuse('axis');
    return {
      className: 'RootNormalization',
      config: { of: 'mean', epsilon: layer.number('epsilon', 1e-6), scale: true },
    };
  },
  Normalization: (layer) => {
    const [mean, variance] = [layer.numbers('mean'), layer.numbers('variance')];
    const numbers = mean !== undefined && variance !== undefined ? { mean, variance } : {};
    // Without an axis, one number is for all.
    const axes = layer.config['axis'] === null || layer.config['axis'] === undefined ? [] : layer.axes('axis', []);
    return { className: 'Normalization', config: { axes, ...numbers, invert: layer.flag('invert', false) } };
  },
  Rescaling: same((layer) => ({ scale: layer.numbers('scale') ?? 1, offset: layer.numbers('offset') ?? 0 })),

  // Noise, and what is nothing at inference
  Dropout: (layer) => {
    const config = { rate: layer.number('rate', 0) };
    const shape = layer.raw('noise_shape');
    if (shape === undefined) return { className: 'Dropout', config };
    // One number for each picture: what EfficientNet has in place of StochasticDepth.
    const [batch, ...rest] = Array.isArray(shape) ? (shape as unknown[]) : [0];
    if (batch !== null || rest.length !== layer.input.length - 1 || rest.some((size) => size !== 1))
      throw layer.refuse('noise_shape');
    return { className: 'StochasticDepth', config };
  },
  SpatialDropout1D: same((layer) => {
    layer.ignore('noise_shape');
    return { rate: layer.number('rate', 0) };
  }),
  SpatialDropout2D: (layer) => {
    layer.ignore('noise_shape');
    channelsLast(layer);
    return { className: 'SpatialDropout2D', config: { rate: layer.number('rate', 0) } };
  },
  GaussianNoise: same((layer) => ({ stddev: layer.number('stddev', 0) })),
  GaussianDropout: same((layer) => ({ rate: layer.number('rate', 0) })),
  AlphaDropout: same((layer) => {
    layer.ignore('noise_shape');
    return { rate: layer.number('rate', 0) };
  }),
  Identity: nothing,
  ActivityRegularization: nothing,
  ...Object.fromEntries(
    [
      'RandomFlip',
      'RandomRotation',
      'RandomZoom',
      'RandomTranslation',
      'RandomContrast',
      'RandomBrightness',
      'RandomHeight',
      'RandomWidth',
      'RandomHue',
      'RandomSaturation',
      'RandomSharpness',
      'RandomColorJitter',
      'RandomColorDegeneration',
      'RandomGrayscale',
      'RandomErasing',
      'RandomShear',
      'RandomPerspective',
      'RandomElasticTransform',
      'RandomGaussianBlur',
      'RandomInvert',
      'RandomPosterization',
      'AugMix',
      'CutMix',
      'MixUp',
      'RandAugment',
    ].map((name) => [name, nothing]),
  ),

  // keras.applications' own
  LayerScale: (layer) => {
    const initialValue = layer.number('init_values', 1e-6);
    return { className: 'LayerScale', config: { projectionDim: layer.whole('projection_dim'), initialValue } };
  },
  StochasticDepth: (layer) => ({ className: 'StochasticDepth', config: { rate: layer.number('drop_path_rate', 0) } }),
  CustomScaleLayer: (layer) => ({ className: 'ScaledSum', config: { scale: layer.number('scale', 1) } }),
  GlobalResponseNormalization: (layer) => ({
    className: 'GlobalResponseNormalization',
    config: { epsilon: layer.number('epsilon', 1e-6) },
  }),
};

/** Classes that Keras has not, or has for its applications alone: whoever writes them down means the same. */
export const ofPublishedNetworks: ReadonlySet<string> = new Set([
  'LayerScale',
  'StochasticDepth',
  'CustomScaleLayer',
  'GlobalResponseNormalization',
]);

/** Layers whose numbers depend on the mask that comes with a sequence from Embedding(mask_zero=True). */
export const heedMasks: ReadonlySet<string> = new Set(['MultiHeadAttention', 'GlobalAveragePooling1D', 'Softmax']);
/** What a mask does not go through. */
export const endMasks: ReadonlySet<string> = new Set(['Flatten', 'Reshape', 'Permute', 'GlobalMaxPooling1D', 'Dot']);

/** Keyword arguments of a call that change nothing. */
const harmless: ReadonlySet<string> = new Set(['training', 'mask', 'name']);

/** @throws for tensors and settings that are given to a layer otherwise than as its inputs. */
export function checkCall(layer: LayerReader): void {
  for (const [key, value] of Object.entries(layer.call.kwargs)) {
    if (harmless.has(key) && refsIn(value).length === 0) continue;
    if (value !== null && value !== undefined && value !== false) throw layer.problem(`is given the argument ${key}`);
  }
}
