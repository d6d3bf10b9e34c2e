import { existsSync } from 'node:fs';
import path from 'node:path';

import { checkGrowth } from '../../../common/budget.js';
import { GraftError, messageOf } from '../../../common/errors.js';
import { sha256 } from '../../../common/hash.js';
import { openRegularFile, parseJson, readRegularFile } from '../../../common/read-file.js';
import { tf } from '../../tf.js';
import { byName, type FileWeight } from '../keras/weights.js';
import { buildModel } from './build-model.js';
import { checkTopology } from './check-topology.js';

/** A layers model read from a file: not yet cut or registered. */
export interface LoadedModel {
  readonly model: tf.LayersModel;
  /** SHA-256 (hex) of the weights' bytes as they are in the file. */
  readonly hash: string;
}

/** SHA-256 (hex) of what a model's files hold. */
interface ModelHashes {
  /** Of the shards, one after the other. */
  readonly weights: string;
  /** Of model.json; undefined where nobody wrote it down. */
  readonly model?: string | undefined;
}

interface TfjsOptions {
  /** Replaces the model's own input size, [height, width]. */
  readonly inputShape?: readonly [number, number] | undefined;
  /** What the files must hold. */
  readonly expected?: ModelHashes | undefined;
}

interface Manifest {
  readonly topology: object;
  readonly shards: readonly string[];
  readonly weights: readonly tf.io.WeightsManifestEntry[];
}

const bytesPerValue: Readonly<Record<string, number>> = {
  float32: 4,
  int32: 4,
  bool: 1,
  uint8: 1,
  uint16: 2,
  float16: 2,
};
const maxJson = 256e6;

/**
 * Reads a TensorFlow.js layers model: `model.json` and its shards beside it, quantised ones too.
 *
 * @throws GraftError for a missing shard, a shard path outside the folder, wrong byte counts, weights that are not numbers, a topology
 *   that cannot be built, files that are not those that `expected` says.
 */
export async function readTfjsModel(file: string, { inputShape, expected }: TfjsOptions = {}): Promise<LoadedModel> {
  const { topology, shards, weights } = await readManifest(file, expected?.model);
  checkTopology(topology, file);
  const bytes = weights.reduce((sum, spec) => sum + sizeInBytes(spec), 0);
  const weightData = await readShards(file, shards, bytes);
  const hash = sha256(weightData);
  if (expected !== undefined && expected.weights !== hash) throw changed(file, 'The weights are not those that were');
  const values = weights.reduce((sum, { shape }) => sum + product(shape), 0);
  // Quantised ones are unpacked to float32, and copied once more into the model.
  checkGrowth({ file, what: 'its weights', onDisk: bytes, becomes: values * 8, factor: 8, floor: 0 });
  const { keras_version: version } = topology as { keras_version?: unknown };
  const named = valuesByName(weights, weightData);
  const model = buildModel(topology, {
    ...{ file, version, values, inputShape },
    weights: (network, built) => byName(network, built, named, file),
  });
  return { model, hash };
}

/** The weights by name; those that are no floating-point numbers without their values. */
function valuesByName(specs: readonly tf.io.WeightsManifestEntry[], data: Uint8Array): Map<string, FileWeight> {
  // A copy: its buffer must hold nothing else.
  const tensors = tf.io.decodeWeights(Uint8Array.from(data).buffer, [...specs]);
  const weights = Object.entries(tensors).map(([name, tensor]): [string, FileWeight] => {
    const values = tensor.dtype === 'float32' ? Float32Array.from(tensor.dataSync()) : undefined;
    return [name, { shape: tensor.shape, data: values }];
  });
  tf.dispose(tensors);
  return new Map(weights);
}

function changed(file: string, what: string): GraftError {
  return new GraftError(`${file}: ${what} saved: the hash differs from graft.json.`, {
    action: 'The folder is damaged or was edited: copy it again, or save the model again from its script.',
  });
}

/** @param expected SHA-256 (hex) of model.json; what is not what was saved need not be understood. */
async function readManifest(file: string, expected: string | undefined): Promise<Manifest> {
  const bytes = await readRegularFile(file, maxJson);
  if (expected !== undefined && expected !== sha256(bytes)) throw changed(file, 'model.json is not the one that was');
  const value = parseJson(bytes.toString('utf8'), file);
  const wrong = (problem: string, action = 'Give the model.json of a TensorFlow.js layers model.') =>
    new GraftError(`${file} ${problem}.`, { action });
  const { modelTopology, weightsManifest, format } = (value ?? {}) as Record<string, unknown>;
  if (format === 'graph-model') {
    throw wrong(
      'is a graph model: its layers are gone, so none can be frozen or trained',
      'Convert the Keras model to a layers model instead.',
    );
  }
  if (typeof (value as { class_name?: unknown } | null)?.class_name === 'string')
    throw wrong(
      'is the architecture of a Keras model alone (as to_json writes it), without its weights',
      'Save the whole model: model.save("model.keras").',
    );
  if (typeof modelTopology !== 'object' || modelTopology === null || !Array.isArray(weightsManifest))
    throw wrong(
      `is not a TensorFlow.js model: it has no ${Array.isArray(weightsManifest) ? 'modelTopology' : 'weightsManifest'}`,
    );
  const shards: string[] = [];
  const weights: tf.io.WeightsManifestEntry[] = [];
  for (const group of weightsManifest as unknown[]) {
    const { paths, weights: specs } = (group ?? {}) as Record<string, unknown>;
    if (
      !Array.isArray(paths) ||
      !paths.every((name) => typeof name === 'string' && name !== '') ||
      !Array.isArray(specs)
    )
      throw wrong(
        'has a damaged weightsManifest: a group in it names no shards or no weights',
        'Copy the whole model folder again.',
      );
    shards.push(...(paths as string[]));
    for (const spec of specs as unknown[]) {
      const problem = specProblem(spec);
      if (problem !== undefined)
        throw wrong(`has a damaged weightsManifest: ${problem}`, 'Copy the whole model folder again.');
      weights.push(spec as tf.io.WeightsManifestEntry);
    }
  }
  const names = new Set<string>();
  for (const { name } of weights) {
    if (names.has(name)) throw wrong(`describes the weight ${name} twice`, 'Copy the whole model folder again.');
    names.add(name);
  }
  return { topology: modelTopology, shards, weights };
}

/** What is wrong with the description of a weight. */
function specProblem(spec: unknown): string | undefined {
  const { name, shape, dtype, quantization } = (spec ?? {}) as Record<string, unknown>;
  if (typeof name !== 'string') return 'a weight in it has no name';
  if (!Array.isArray(shape) || !shape.every((side) => Number.isSafeInteger(side) && side >= 0))
    return `the weight ${name} has the shape ${shown(shape)}`;
  if (typeof dtype !== 'string' || !Object.hasOwn(bytesPerValue, dtype))
    return `the weight ${name} is of the kind ${shown(dtype)}`;
  if (quantization === undefined) return undefined;
  const { dtype: packed, scale, min } = (quantization ?? {}) as Record<string, unknown>;
  const isAffine = (packed === 'uint8' || packed === 'uint16') && Number.isFinite(scale) && Number.isFinite(min);
  return isAffine || packed === 'float16' ? undefined : `the weight ${name} is quantised in a way that is not known`;
}

function shown(value: unknown): string {
  return value === undefined ? '(none)' : JSON.stringify(value);
}

/** The shards, one after the other. Their sizes are compared before one of them is read. */
async function readShards(file: string, names: readonly string[], expected: number): Promise<Buffer> {
  const shards: { shard: string; size: number }[] = [];
  for (const name of names) {
    const shard = shardPath(file, name);
    shards.push({ shard, size: await sizeOf(shard, file, name) });
  }
  const total = shards.reduce((sum, { size }) => sum + size, 0);
  if (total !== expected) {
    throw new GraftError(`The shards of ${file} hold ${total} bytes, model.json describes ${expected}.`, {
      action: 'A shard is cut off or belongs to another model: copy the whole folder again.',
    });
  }
  checkGrowth({ file, what: 'its shards', onDisk: total, becomes: total, factor: 1, floor: 0 });
  const contents: Buffer[] = [];
  for (const { shard, size } of shards) contents.push(await readRegularFile(shard, size));
  const data = Buffer.concat(contents);
  if (data.length !== expected) {
    throw new GraftError(`The shards of ${file} changed while they were read.`, { action: 'Load the model again.' });
  }
  return data;
}

/** The file of a shard: the one of that name or, since names may be written as in an address, the one that the name stands for. */
function shardPath(file: string, name: string): string {
  const folder = path.dirname(path.resolve(file));
  const inside = (written: string): string => {
    const shard = path.resolve(folder, written);
    if (shard.startsWith(folder + path.sep)) return shard;
    throw new GraftError(`${file} names a shard outside its folder: ${name}.`, {
      action: 'Do not use this file: a model has no business there.',
    });
  };
  const shard = inside(name);
  if (existsSync(shard)) return shard;
  const unescaped = inside(decoded(name));
  return existsSync(unescaped) ? unescaped : shard;
}

/** Without the escapes of an address; as it is where a per cent sign in it is none. */
function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

async function sizeOf(shard: string, file: string, name: string): Promise<number> {
  try {
    const handle = await openRegularFile(shard);
    try {
      return (await handle.stat()).size;
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw new GraftError(`${file} names the shard ${name}, which cannot be read: ${messageOf(error)}`, {
      action: 'Copy the whole model folder.',
      cause: error,
    });
  }
}

function sizeInBytes({ shape, dtype, quantization }: tf.io.WeightsManifestEntry): number {
  return product(shape) * (bytesPerValue[quantization?.dtype ?? dtype] ?? 4);
}

function product(shape: readonly number[]): number {
  return shape.reduce((size, side) => size * side, 1);
}
