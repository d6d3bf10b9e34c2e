import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';

import * as ort from 'onnxruntime-node';

import { channelTransform, type Preprocessing } from '../data/preprocessing.js';
import { preprocess } from '../data/preprocessing.js';
import { GraftError, messageOf } from '../errors.js';
import { packageFolder } from '../package-folder.js';
import { tf } from '../tf.js';
import { inferenceContext, lower, UnsupportedLayer } from './from-layers.js';
import { GraphBuilder } from './ir.js';
import { preprocessNodes } from './preprocess.js';
import { layersOf, runProgram, shapeOf, type Program } from './program.js';
import { encodeModel } from './protobuf.js';
import { createSession } from '../engines/session.js';

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

/** Computes a part of a model from what an earlier part gave. */
export interface RestRunner {
  /** @param taps an array per input, [n, …its shape]. Returns an array per output. */
  run(taps: readonly Float32Array[], n: number): Promise<Float32Array[]>;
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
  const compiled = compile(prefix, () => prefixModel(prefix, options));
  return {
    hash: prefixHash(prefix, preprocessing, size),
    tapShapes: prefix.outputs.map((value) => shapeOf(prefix, value)),
    async run(pixels, n) {
      const shape = [n, ...size, 3];
      const feeds = () => ({ pixels: new ort.Tensor('uint8', pixels, shape) });
      return await compiled.run(feeds, () => [tf.tensor(preprocess(pixels, preprocessing), shape)]);
    },
    dispose: () => compiled.dispose(),
  };
}

/** Compiles what `restOf` gives; otherwise as `prefixRunner`. */
export function restRunner(rest: Program): RestRunner {
  const shapes = rest.inputs.map((value) => shapeOf(rest, value));
  const compiled = compile(rest, () => restModel(rest));
  return {
    async run(taps, n) {
      const inputs = taps.map((data, i) => ({ data, shape: [n, ...(shapes[i] ?? [])] }));
      const feeds = () =>
        Object.fromEntries(inputs.map(({ data, shape }, i) => [`tap_${i}`, new ort.Tensor(data, shape)]));
      return await compiled.run(feeds, () => inputs.map(({ data, shape }) => tf.tensor(data, shape)));
    },
    dispose: () => compiled.dispose(),
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

/** [N, …] float32 in, [N, …] out, both as in Keras. @throws UnsupportedLayer. */
function restModel(rest: Program): Uint8Array {
  const builder = new GraphBuilder();
  const taps = rest.inputs.map((value, i) => builder.input(`tap_${i}`, ['N', ...shapeOf(rest, value)]));
  const outputs = lower(rest, taps, inferenceContext(builder));
  return encodeModel(builder.build(Object.fromEntries(outputs.map((output, i) => [`output_${i}`, output]))));
}

interface Compiled {
  run(feeds: () => Record<string, ort.Tensor>, tensors: () => tf.Tensor[]): Promise<Float32Array[]>;
  dispose(): Promise<void>;
}

/** A program that runs on ONNX Runtime as `model` says, or on TensorFlow.js. */
function compile(program: Program, model: () => Uint8Array): Compiled {
  let session: Promise<ort.InferenceSession | undefined> | undefined;
  return {
    async run(feeds, tensors) {
      session ??= openSession(model);
      const opened = await session;
      if (opened === undefined) return await runWithTensorFlow(program, tensors);
      const outputs = await opened.run(feeds());
      return opened.outputNames.map((name) => outputs[name]?.data as Float32Array);
    },
    async dispose() {
      const opened = await session;
      session = undefined;
      await opened?.release();
    },
  };
}

async function openSession(model: () => Uint8Array): Promise<ort.InferenceSession | undefined> {
  let bytes: Uint8Array;
  try {
    bytes = model();
  } catch (error) {
    if (error instanceof UnsupportedLayer) return undefined;
    throw error;
  }
  try {
    return await createSession(bytes);
  } catch (error) {
    throw new GraftError(`ONNX Runtime refused the frozen layers: ${messageOf(error)}`, {
      action: 'Please report this, with the base model.',
      cause: error,
    });
  }
}

async function runWithTensorFlow(program: Program, inputs: () => tf.Tensor[]): Promise<Float32Array[]> {
  const outputs = tf.tidy(() => runProgram(program, inputs(), () => false));
  try {
    return await Promise.all(outputs.map(async (output) => Float32Array.from(await output.data())));
  } finally {
    tf.dispose(outputs);
  }
}

/**
 * Names are left out: they do not change what is computed. The versions of what computes are in it: each may correct a mistake of
 * the one before. The processor is not: its kernels differ in the last bit, as all that trains on it afterwards does.
 */
function prefixHash(prefix: Program, preprocessing: Preprocessing, size: readonly [number, number]): string {
  const hash = createHash('sha256').update(
    JSON.stringify([computedBy(), channelTransform(preprocessing), size, prefix.outputs]),
  );
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

/** How records are written and computed, Graft's lowering (by its version), ONNX Runtime. */
function computedBy(): readonly unknown[] {
  const { version } = JSON.parse(readFileSync(path.join(packageFolder(), 'package.json'), 'utf8')) as {
    version: string;
  };
  return [2, version, ort.env.versions];
}
