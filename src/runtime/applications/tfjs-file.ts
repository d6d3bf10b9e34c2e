import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';

import { GraftError, messageOf } from '../errors.js';
import type { tf } from '../tf.js';
import { buildOrDispose, disposeModel } from './dispose.js';
import { plainTopology } from './topology.js';

/** A layers model read from a file: not yet cut or registered. */
export interface LoadedModel {
  readonly model: tf.LayersModel;
  /** SHA-256 (hex) of the weights' bytes as they are in the file. */
  readonly hash: string;
}

interface Manifest {
  readonly modelTopology: object;
  readonly weightsManifest: readonly {
    readonly paths: readonly string[];
    readonly weights: readonly tf.io.WeightsManifestEntry[];
  }[];
}

const bytesPerValue: Readonly<Record<string, number>> = {
  float32: 4,
  int32: 4,
  bool: 1,
  uint8: 1,
  uint16: 2,
  float16: 2,
};

/**
 * Reads a TensorFlow.js layers model: `model.json` and its shards beside it, quantised ones too.
 *
 * @param inputShape replaces the model's own input size, [height, width].
 * @throws GraftError for a missing shard, a shard path outside the folder, wrong byte counts, weights that are not numbers.
 */
export async function readTfjsModel(file: string, inputShape?: readonly [number, number]): Promise<LoadedModel> {
  const manifest = await readManifest(file);
  const specs = manifest.weightsManifest.flatMap(({ weights }) => weights);
  const shards = await readShards(
    file,
    manifest.weightsManifest.flatMap(({ paths }) => paths),
  );
  const weightData = Buffer.concat(shards);
  const expected = specs.reduce((sum, spec) => sum + sizeInBytes(spec), 0);
  if (weightData.length !== expected) {
    throw new GraftError(`The shards of ${file} hold ${weightData.length} bytes, model.json describes ${expected}.`, {
      action: 'A shard is cut off or belongs to another model: copy the whole folder again.',
    });
  }
  const topology = plainTopology(manifest.modelTopology, inputShape);
  const buffer = weightData.buffer.slice(weightData.byteOffset, weightData.byteOffset + weightData.byteLength);
  let model: tf.LayersModel;
  try {
    model = await buildOrDispose(topology, { specs, data: buffer });
  } catch (error) {
    throw new GraftError(`${file} cannot be built: ${messageOf(error)}`, {
      action:
        inputShape === undefined
          ? 'Is it a tfjs layers model? Graph models cannot be fine-tuned.'
          : 'Leave inputShape out: this model needs its own input size.',
      cause: error,
    });
  }
  checkNumbers(model, file);
  return { model, hash: createHash('sha256').update(weightData).digest('hex') };
}

/** @throws GraftError naming the first layer with a weight that is NaN or infinite. */
export function checkNumbers(model: tf.LayersModel, file: string): void {
  for (const layer of model.layers) {
    for (const weight of layer.weights) {
      const wrong = weight
        .read()
        .dataSync()
        .findIndex((value) => !Number.isFinite(value));
      if (wrong === -1) continue;
      disposeModel(model);
      throw new GraftError(
        `${file}: the weight ${weight.originalName} has a value that is not a number, at ${wrong}.`,
        {
          action: 'The file is damaged or its training failed: get another copy.',
        },
      );
    }
  }
}

async function readManifest(file: string): Promise<Manifest> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw new GraftError(`${file} cannot be read: ${messageOf(error)}`, {
      action: 'Give the model.json of a TensorFlow.js layers model.',
      cause: error,
    });
  }
  const { modelTopology, weightsManifest, format } = (value ?? {}) as Record<string, unknown>;
  if (format === 'graph-model') {
    throw new GraftError(`${file} is a graph model: its layers are gone, so none can be frozen or trained.`, {
      action: 'Convert the Keras model to a layers model instead.',
    });
  }
  if (typeof modelTopology !== 'object' || modelTopology === null || !Array.isArray(weightsManifest)) {
    throw new GraftError(
      `${file} is not a TensorFlow.js model: it has no ${Array.isArray(weightsManifest) ? 'modelTopology' : 'weightsManifest'}.`,
      {
        action: 'Give the model.json of a TensorFlow.js layers model.',
      },
    );
  }
  return value as Manifest;
}

async function readShards(file: string, names: readonly string[]): Promise<Buffer[]> {
  const folder = path.dirname(path.resolve(file));
  const shards: Buffer[] = [];
  for (const name of names) {
    const shard = path.resolve(folder, name);
    if (!shard.startsWith(folder + path.sep)) {
      throw new GraftError(`${file} names a shard outside its folder: ${name}.`, {
        action: 'Do not use this file: a model has no business there.',
      });
    }
    const bytes = await stat(shard)
      .then(() => readFile(shard))
      .catch((error: unknown) => {
        throw new GraftError(`${file} names the shard ${name}, which cannot be read: ${messageOf(error)}`, {
          action: 'Copy the whole model folder.',
          cause: error,
        });
      });
    shards.push(bytes);
  }
  return shards;
}

function sizeInBytes({ shape, dtype, quantization }: tf.io.WeightsManifestEntry): number {
  return shape.reduce((product, size) => product * size, 1) * (bytesPerValue[quantization?.dtype ?? dtype] ?? 4);
}
