import { tf } from '../../tf.js';
import { replaceKernel } from '../../tf-kernels.js';
import {
  averagePoolGradient,
  depthwiseFilterGradient,
  depthwiseInputGradient,
  filterGradient,
  inputGradient,
  maxPoolGradient,
} from './convolution.js';

type Kernel = (tensors: Readonly<Record<string, tf.Tensor4D>>, attributes: Attributes) => tf.Tensor;

interface Attributes {
  readonly strides: number | [number, number];
  readonly pad: 'same' | 'valid' | number;
  readonly dilations?: number | [number, number];
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
  readonly filterShape?: [number, number, number, number];
  readonly inputShape?: [number, number, number, number];
  readonly filterSize?: number | [number, number];
}

/** Registers the training kernels on the WASM backend: missing ones, slow ones and wrong ones. Call it once. */
export function registerTrainingKernels(): void {
  register('Conv2DBackpropFilter', ({ x, dy }, attributes) => {
    const input = required(x);
    return filterGradient(input, required(dy), infoOf(input.shape, attributes.filterShape, attributes, false));
  });
  register('Conv2DBackpropInput', ({ dy, filter }, attributes) => {
    const kernel = required(filter);
    return inputGradient(required(dy), kernel, infoOf(attributes.inputShape, kernel.shape, attributes, false));
  });
  register('DepthwiseConv2dNativeBackpropFilter', ({ x, dy }, attributes) => {
    const input = required(x);
    return depthwiseFilterGradient(input, required(dy), infoOf(input.shape, attributes.filterShape, attributes, true));
  });
  register('DepthwiseConv2dNativeBackpropInput', ({ dy, filter }, attributes) => {
    const kernel = required(filter);
    return depthwiseInputGradient(required(dy), kernel, infoOf(attributes.inputShape, kernel.shape, attributes, true));
  });
  register('AvgPoolGrad', ({ dy, input }, attributes) =>
    averagePoolGradient(required(dy), poolInfoOf(required(input).shape, attributes)),
  );
  register('MaxPoolGrad', ({ dy, input, output }, attributes) =>
    maxPoolGradient(required(dy), required(input), required(output), poolInfoOf(required(input).shape, attributes)),
  );
  tf.unregisterGradient('Max');
  tf.registerGradient(maxGradient);
  // The gradient of gather: a one-hot matrix times the values.
  replaceKernel('UnsortedSegmentSum', ({ inputs, attrs }) =>
    tf.tidy(() => {
      const { x, segmentIds } = inputs as unknown as { x: tf.Tensor; segmentIds: tf.Tensor1D };
      const { numSegments } = attrs as unknown as { numSegments: number };
      const rows = x.reshape<tf.Tensor2D>([x.shape[0], -1]);
      const hot = tf.cast(tf.oneHot(tf.cast(segmentIds, 'int32'), numSegments), 'float32');
      return tf.matMul(tf.transpose(hot), rows).reshape([numSegments, ...x.shape.slice(1)]);
    }),
  );
}

/** Shared among the places that are equally large, as in TensorFlow. TensorFlow.js gives each of them all of it. */
const maxGradient: tf.GradConfig = {
  kernelName: 'Max',
  inputsToSave: ['x'],
  outputsToSave: [true],
  gradFunc: (dy, [x, y], attributes) => ({
    x: () => {
      const input = required(x);
      const axes = tf.util.parseAxisParam(attributes['reductionIndices'] as number | number[], input.shape);
      const kept = input.shape.map((size, i) => (axes.includes(i) ? 1 : size));
      const largest = tf.cast(tf.equal(input, required(y).reshape(kept)), 'float32');
      const share = tf.div((dy as tf.Tensor).reshape(kept), tf.sum(largest, axes, true));
      return tf.mul(largest, share);
    },
  }),
};

function register(kernelName: string, kernel: Kernel): void {
  replaceKernel(kernelName, ({ inputs, attrs }) =>
    tf.tidy(() => kernel(inputs as unknown as Record<string, tf.Tensor4D>, attrs as unknown as Attributes)),
  );
}

function infoOf(
  input: [number, number, number, number] | undefined,
  filter: [number, number, number, number] | undefined,
  { strides, pad, dilations = 1, dimRoundingMode }: Attributes,
  depthwise: boolean,
): tf.backend_util.Conv2DInfo {
  return tf.backend_util.computeConv2DInfo(
    required(input),
    required(filter),
    strides,
    dilations,
    pad,
    dimRoundingMode,
    depthwise,
  );
}

function poolInfoOf(
  input: [number, number, number, number],
  { filterSize = 1, strides, pad, dimRoundingMode }: Attributes,
): tf.backend_util.Conv2DInfo {
  return tf.backend_util.computePool2DInfo(input, filterSize, strides, 1, pad, dimRoundingMode);
}

function required<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('A kernel was called without one of its inputs.');
  return value;
}
