/**
 * TensorFlow.js, from one place: the same instance everywhere, and the one that scripts get as `tf`. It runs on
 * WebAssembly from the start, so that a script may make tensors at once.
 */
import { createRequire } from 'node:module';
import path from 'node:path';

import * as tf from '@tensorflow/tfjs';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';

import { GraftError } from '../common/errors.js';

// The files are found wherever npm, or the extension's package, has put them; nothing is fetched.
const file = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm');
setWasmPaths(`${path.dirname(file)}${path.sep}`);
if (!(await tf.setBackend('wasm'))) {
  throw new GraftError('TensorFlow.js cannot start: WebAssembly gets no memory here', {
    action: 'It reserves 10 GB of addresses, though it uses few of them: raise the limit on address space (ulimit -v).',
  });
}

/**
 * XNNPACK pads as TensorFlow does but for kernels that are smaller than their stride, where nothing is padded: it then reads beside the
 * picture. Said in numbers, the same padding is right.
 */
for (const kernelName of ['Conv2D', 'FusedConv2D', 'DepthwiseConv2dNative', 'FusedDepthwiseConv2D']) {
  const depthwise = kernelName.includes('Depthwise');
  correct(kernelName, ({ inputs: { x, filter }, attrs }, compute) => {
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
  });
}

/** XNNPACK takes slopes one after the other for those of channels: those of rows or columns are not. */
correct('Prelu', ({ inputs }, compute) => {
  const { x, alpha } = inputs as Readonly<Record<string, tf.Tensor>>;
  if (x === undefined || alpha === undefined) return compute();
  const leading = alpha.shape.findIndex((size) => size !== 1);
  const isOfChannels = alpha.shape.slice(leading).every((size, i, rest) => size === x.shape.at(i - rest.length));
  if (leading === -1 || isOfChannels) return compute();
  return tf.tidy(() => tf.add(tf.relu(x), tf.mul(alpha, tf.minimum(x, 0))));
});

type KernelFunc = Parameters<typeof tf.registerKernel>[0]['kernelFunc'];
type KernelArguments = Parameters<KernelFunc>[0];

/** Puts a function before a kernel of WebAssembly, which may compute otherwise, or with other attributes. */
function correct(
  kernelName: string,
  correction: (
    given: KernelArguments,
    compute: (attributes?: Readonly<Record<string, unknown>>) => ReturnType<KernelFunc>,
  ) => ReturnType<KernelFunc>,
): void {
  const kernel = tf.getKernel(kernelName, 'wasm');
  tf.unregisterKernel(kernelName, 'wasm');
  tf.registerKernel({
    ...kernel,
    kernelFunc: (given) =>
      correction(given, (attributes = {}) =>
        kernel.kernelFunc({
          ...given,
          attrs: { ...given.attrs, ...attributes } as NonNullable<KernelArguments['attrs']>,
        }),
      ),
  });
}

export { tf };
