import { tf } from '../tf.js';
import { defineLayer, isFlag, isText, isWhole, isWholeList } from './define.js';
import { functions, parseFunction } from './functions.js';

interface GroupedSettings {
  readonly filters: number;
  readonly kernelSize: readonly number[];
  readonly strides: readonly number[];
  readonly padding: string;
  readonly dilationRate: readonly number[];
  readonly groups: number;
  readonly useBias: boolean;
  readonly activation: string;
}

const isPadding = (value: unknown) => value === 'same' || value === 'valid';
const isPair = (value: unknown) => isWholeList(value) && (value as unknown[]).length === 2;

function outputSides(
  { kernelSize, strides, padding, dilationRate }: Omit<GroupedSettings, 'filters' | 'groups'>,
  sides: readonly (number | null)[],
): (number | null)[] {
  return sides.map((side, i) => {
    if (side === null) return null;
    const extent = ((kernelSize[i] ?? 1) - 1) * (dilationRate[i] ?? 1) + 1;
    return Math.ceil((padding === 'same' ? side : side - extent + 1) / (strides[i] ?? 1));
  });
}

/** An activation of TensorFlow.js by its text, computed. */
export function activate(x: tf.Tensor, text: string): tf.Tensor {
  if (text === 'linear') return x;
  const { name, args } = parseFunction(text);
  const apply = args.length > 0 ? functions[name] : undefined;
  if (apply !== undefined) return apply(x, ...args);
  return tf.layers.activation({ activation: text as 'relu' }).apply(x) as tf.Tensor;
}

/** Conv2D in groups of channels, which TensorFlow.js has not. */
export const GroupedConv2D = defineLayer<GroupedSettings>({
  className: 'GroupedConv2D',
  settings: {
    filters: isWhole,
    kernelSize: isPair,
    strides: isPair,
    padding: isPadding,
    dilationRate: isPair,
    groups: isWhole,
    useBias: isFlag,
    activation: isText,
  },
  weights: ({ filters, kernelSize, groups, useBias }, [input = []]) => [
    { name: 'kernel', shape: [...kernelSize, Number(input[3]) / groups, filters], initial: 'glorotUniform' },
    ...(useBias ? [{ name: 'bias', shape: [filters] }] : []),
  ],
  outputShape: (settings, [input = []]) => [
    input[0] ?? null,
    ...outputSides(settings, input.slice(1, 3)),
    settings.filters,
  ],
  call: ({ inputs: [x], settings, weights: [kernel, bias] }) => {
    if (x === undefined || kernel === undefined) throw new Error('GroupedConv2D takes one input.');
    const { groups, strides, padding, dilationRate, activation } = settings;
    const window = [strides, padding, 'NHWC', dilationRate] as [
      [number, number],
      'same' | 'valid',
      'NHWC',
      [number, number],
    ];
    let y: tf.Tensor;
    if (groups === x.shape[3]) {
      // One channel for each group: TensorFlow.js has it as a convolution of its own.
      const [height = 1, width = 1] = settings.kernelSize;
      const filter = tf.reshape(kernel, [height, width, groups, settings.filters / groups]);
      y = tf.depthwiseConv2d(x as tf.Tensor4D, filter as tf.Tensor4D, ...window);
    } else {
      const kernels = tf.split(kernel, groups, 3);
      const outputs = tf
        .split(x, groups, 3)
        .map((part, i) => tf.conv2d(part as tf.Tensor4D, (kernels[i] ?? kernel) as tf.Tensor4D, ...window));
      y = tf.concat(outputs, 3);
    }
    return activate(bias === undefined ? y : tf.add(y, bias), activation);
  },
});

interface DilatedDepthwiseSettings extends Omit<GroupedSettings, 'filters' | 'groups'> {
  readonly depthMultiplier: number;
}

/** DepthwiseConv2D with a dilation, which TensorFlow.js's layer leaves out. */
export const DilatedDepthwiseConv2D = defineLayer<DilatedDepthwiseSettings>({
  className: 'DilatedDepthwiseConv2D',
  settings: {
    depthMultiplier: isWhole,
    kernelSize: isPair,
    strides: isPair,
    padding: isPadding,
    dilationRate: isPair,
    useBias: isFlag,
    activation: isText,
  },
  weights: ({ depthMultiplier, kernelSize, useBias }, [input = []]) => [
    { name: 'depthwise_kernel', shape: [...kernelSize, Number(input[3]), depthMultiplier], initial: 'glorotUniform' },
    ...(useBias ? [{ name: 'bias', shape: [Number(input[3]) * depthMultiplier] }] : []),
  ],
  outputShape: (settings, [input = []]) => [
    input[0] ?? null,
    ...outputSides(settings, input.slice(1, 3)),
    input[3] === null || input[3] === undefined ? null : input[3] * settings.depthMultiplier,
  ],
  call: ({ inputs: [x], settings: { strides, padding, dilationRate, activation }, weights: [kernel, bias] }) => {
    if (x === undefined || kernel === undefined) throw new Error('DilatedDepthwiseConv2D takes one input.');
    const y = tf.depthwiseConv2d(
      x as tf.Tensor4D,
      kernel as tf.Tensor4D,
      strides as [number, number],
      padding as 'same' | 'valid',
      'NHWC',
      dilationRate as [number, number],
    );
    return activate(bias === undefined ? y : tf.add(y, bias), activation);
  },
});
