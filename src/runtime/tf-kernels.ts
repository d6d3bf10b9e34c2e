/** Kernels of TensorFlow.js on WebAssembly that compute otherwise than TensorFlow, mended; and the way to mend one. */
import * as tf from '@tensorflow/tfjs';

type KernelFunc = Parameters<typeof tf.registerKernel>[0]['kernelFunc'];
type KernelArguments = Parameters<KernelFunc>[0];
/** What a kernel computes, with other attributes if need be. */
type Compute = (attributes?: Readonly<Record<string, unknown>>) => ReturnType<KernelFunc>;

/** Call it once, when the backend is there. */
export function correctKernels(): void {
  for (const name of ['Conv2D', 'FusedConv2D']) correct(name, (given, compute) => padded(given, compute, false));
  for (const name of ['DepthwiseConv2dNative', 'FusedDepthwiseConv2D'])
    correct(name, (given, compute) => padded(given, compute, true));
  correct('Prelu', prelu);
}

/** Puts a kernel in the place of WebAssembly's own, or where it has none. */
export function replaceKernel(kernelName: string, kernelFunc: KernelFunc): void {
  const known = tf.getKernelsForBackend('wasm').find((entry) => entry.kernelName === kernelName);
  if (known !== undefined) tf.unregisterKernel(kernelName, 'wasm');
  tf.registerKernel({ ...known, kernelName, backendName: 'wasm', kernelFunc });
}

/** Puts a function before a kernel of WebAssembly. */
function correct(
  kernelName: string,
  correction: (given: KernelArguments, compute: Compute) => ReturnType<KernelFunc>,
): void {
  const { kernelFunc } = tf.getKernel(kernelName, 'wasm');
  replaceKernel(kernelName, (given) =>
    correction(given, (attributes = {}) =>
      kernelFunc({ ...given, attrs: { ...given.attrs, ...attributes } as NonNullable<KernelArguments['attrs']> }),
    ),
  );
}

/**
 * XNNPACK pads as TensorFlow does but for kernels that are smaller than their stride, where nothing is padded: it then reads beside the
 * picture. Said in numbers, the same padding is right.
 */
function padded(
  { inputs: { x, filter }, attrs }: KernelArguments,
  compute: Compute,
  depthwise: boolean,
): ReturnType<KernelFunc> {
  const { pad, strides, dilations } = attrs as unknown as {
    pad: unknown;
    strides: number | [number, number];
    dilations: number | [number, number] | null;
  };
  if (pad !== 'same') return compute();
  const shapes = [x?.shape, filter?.shape] as [[number, number, number, number], [number, number, number, number]];
  const { padInfo, ...info } = tf.backend_util.computeConv2DInfo(
    ...shapes,
    strides,
    dilations ?? 1,
    pad,
    undefined,
    depthwise,
  );
  const reach = (out: number, stride: number, kernel: number) => (out - 1) * stride + kernel;
  const fills =
    reach(info.outHeight, info.strideHeight, info.effectiveFilterHeight) >= info.inHeight &&
    reach(info.outWidth, info.strideWidth, info.effectiveFilterWidth) >= info.inWidth;
  if (fills) return compute();
  const { top, bottom, left, right } = padInfo;
  return compute({
    pad: [
      [0, 0],
      [top, bottom],
      [left, right],
      [0, 0],
    ],
    dimRoundingMode: 'floor',
  });
}

/** XNNPACK takes slopes one after the other for those of channels: those of rows or columns are not. */
function prelu({ inputs }: KernelArguments, compute: Compute): ReturnType<KernelFunc> {
  const { x, alpha } = inputs as Readonly<Record<string, tf.Tensor>>;
  if (x === undefined || alpha === undefined) return compute();
  const leading = alpha.shape.findIndex((size) => size !== 1);
  const isOfChannels = alpha.shape.slice(leading).every((size, i, rest) => size === x.shape.at(i - rest.length));
  if (leading === -1 || isOfChannels) return compute();
  return tf.tidy(() => tf.add(tf.relu(x), tf.mul(alpha, tf.minimum(x, 0))));
}
