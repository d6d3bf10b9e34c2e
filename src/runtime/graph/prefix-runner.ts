import { createHash } from 'node:crypto';

import * as ort from 'onnxruntime-node';

import { channelTransform, type Preprocessing } from '../data/preprocessing.js';
import { preprocess } from '../data/preprocessing.js';
import { GraftError, messageOf } from '../errors.js';
import { tf } from '../tf.js';
import { inferenceContext, lower, UnsupportedLayer } from './from-layers.js';
import { GraphBuilder } from './ir.js';
import { preprocessNodes } from './preprocess.js';
import { layersOf, runProgram, shapeOf, type Program } from './program.js';
import { encodeModel } from './protobuf.js';
import { createSession } from './session.js';

/** Computes the frozen part of a model for pictures. */
export interface PrefixRunner {
  /** SHA-256 (hex) over everything that decides the outputs besides the pixels: layers, weights, preprocessing, size. */
  readonly hash: string;
  /** Shapes of the outputs without the batch, as in Keras: images [height, width, channels]. */
  readonly tapShapes: readonly (readonly number[])[];
  /** @param pixels [n, height, width, 3], RGB, 8 bit. Returns an array per tap, [n, …tap shape]. */
  run(pixels: Uint8Array, n: number): Promise<Float32Array[]>;
  dispose(): Promise<void>;
}

/**
 * Compiles a prefix to ONNX, with the preprocessing inside, for ONNX Runtime, which folds BatchNormalization into the
 * convolutions and picks blocked layouts. A prefix with a layer that has no ONNX counterpart runs on TensorFlow.js.
 * The session is made at the first `run`: where everything is cached, there is none.
 */
export function prefixRunner(
  prefix: Program,
  options: { preprocessing: Preprocessing; size: readonly [number, number] },
): PrefixRunner {
  const { preprocessing, size } = options;
  let session: Promise<ort.InferenceSession | undefined> | undefined;
  return {
    hash: prefixHash(prefix, preprocessing, size),
    tapShapes: prefix.outputs.map((value) => shapeOf(prefix, value)),
    async run(pixels, n) {
      session ??= openSession(prefix, options);
      const opened = await session;
      const shape = [n, ...size, 3];
      if (opened === undefined) return await runWithTensorFlow(prefix, preprocess(pixels, preprocessing), shape);
      const outputs = await opened.run({ pixels: new ort.Tensor('uint8', pixels, shape) });
      return opened.outputNames.map((name) => outputs[name]?.data as Float32Array);
    },
    async dispose() {
      const opened = await session;
      session = undefined;
      await opened?.release();
    },
  };
}

/** Writes a prefix as one ONNX model: pixels in, taps out. @throws UnsupportedLayer. */
export function prefixModel(
  prefix: Program,
  { preprocessing, size }: { preprocessing: Preprocessing; size: readonly [number, number] },
): Uint8Array {
  const builder = new GraphBuilder();
  const pixels = builder.input('pixels', ['N', ...size, 3], 'uint8');
  const taps = lower(prefix, [preprocessNodes(builder, pixels, preprocessing)], inferenceContext(builder));
  return encodeModel(builder.build(Object.fromEntries(taps.map((tap, i) => [`tap_${i}`, tap]))));
}

async function openSession(
  prefix: Program,
  options: Parameters<typeof prefixModel>[1],
): Promise<ort.InferenceSession | undefined> {
  let model: Uint8Array;
  try {
    model = prefixModel(prefix, options);
  } catch (error) {
    if (error instanceof UnsupportedLayer) return undefined;
    throw error;
  }
  try {
    return await createSession(model);
  } catch (error) {
    throw new GraftError(`ONNX Runtime refused the frozen layers: ${messageOf(error)}`, {
      action: 'Please report this, with the base model.',
      cause: error,
    });
  }
}

async function runWithTensorFlow(prefix: Program, input: Float32Array, shape: number[]): Promise<Float32Array[]> {
  const outputs = tf.tidy(() => runProgram(prefix, [tf.tensor(input, shape)], () => false));
  try {
    return await Promise.all(outputs.map(async (output) => Float32Array.from(await output.data())));
  } finally {
    tf.dispose(outputs);
  }
}

/** Names are left out: they do not change what is computed. */
function prefixHash(prefix: Program, preprocessing: Preprocessing, size: readonly [number, number]): string {
  const hash = createHash('sha256').update(JSON.stringify([1, channelTransform(preprocessing), size, prefix.outputs]));
  for (const { layer, inputs, outputs } of prefix.steps) {
    const config = Object.entries(layer.getConfig()).filter(
      ([key]) => key !== 'name' && key !== 'trainable' && !key.endsWith('Initializer'),
    );
    hash.update(JSON.stringify([layer.getClassName(), config, inputs, outputs]));
  }
  for (const layer of layersOf(prefix)) {
    for (const weight of layer.weights) {
      const data = weight.read().dataSync();
      hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    }
  }
  return hash.digest('hex');
}
