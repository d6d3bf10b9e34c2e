import { randomBytes } from 'node:crypto';
import { stat } from 'node:fs/promises';

import type * as H5 from 'h5wasm/node';

import type { FloatTensor } from '../engines/types.js';
import { GraftError, messageOf } from '../errors.js';

/** The weights of one layer of a Keras weight file, in Keras's order. */
export interface LayerWeights {
  readonly layer: string;
  readonly weights: readonly FloatTensor[];
}

export interface H5Model {
  /** `model_config`, for a whole model; undefined for weights alone. */
  readonly config: unknown;
  readonly layers: readonly LayerWeights[];
}

/**
 * Reads a Keras 2 `.h5` file: attribute `layer_names` → group attribute `weight_names` → dataset.
 *
 * @throws GraftError when it is truncated or not a Keras file.
 */
export async function readH5(file: string): Promise<H5Model> {
  return await withH5(file, (opened) => {
    const root = opened.get('model_weights') === null ? opened : groupOf(opened, 'model_weights');
    const config = attribute(opened, 'model_config');
    const names = strings(attribute(root, 'layer_names'));
    if (names === undefined) throw new Error('it has no attribute "layer_names"');
    const layers = names.map((layer): LayerWeights => {
      const group = groupOf(root, layer);
      const weightNames = strings(attribute(group, 'weight_names')) ?? [];
      return { layer, weights: weightNames.map((name) => readTensor(group, name)) };
    });
    return { config: typeof config === 'string' ? (JSON.parse(config) as unknown) : undefined, layers };
  });
}

type Opened = H5.File | H5.Group;

/** Opens an HDF5 file, closes it, and explains what went wrong. */
export async function withH5<T>(file: string, read: (opened: H5.File) => T): Promise<T> {
  const h5 = await import('h5wasm/node');
  await h5.ready;
  await stat(file).catch((error: unknown) => {
    throw new GraftError(`${file} cannot be read: ${messageOf(error)}`, { action: 'Check the path.', cause: error });
  });
  let opened: H5.File | undefined;
  try {
    opened = new h5.File(file, 'r');
    if (opened.file_id <= 0n) throw new Error('HDF5 does not open it');
    return read(opened);
  } catch (error) {
    if (error instanceof GraftError) throw error;
    throw new GraftError(`${file} is not a whole Keras .h5 file: ${messageOf(error)}.`, {
      action: 'It may be truncated: download or copy it again.',
      cause: error,
    });
  } finally {
    opened?.close();
  }
}

/** A dataset below a group as float32. */
export function readTensor(group: Opened, name: string): FloatTensor {
  const dataset = group.get(name);
  if (dataset === null || !('shape' in dataset) || !('value' in dataset))
    throw new Error(`the dataset ${name} is missing`);
  const { shape, value } = dataset;
  if (!(value instanceof Float32Array) && !(value instanceof Float64Array))
    throw new Error(`the dataset ${name} does not hold floating-point numbers`);
  return { data: Float32Array.from(value), shape: shape ?? [] };
}

export function groupOf(parent: Opened, name: string): H5.Group {
  const group = parent.get(name);
  if (group === null || !('keys' in group)) throw new Error(`the group ${name} is missing`);
  return group;
}

function attribute({ attrs }: Opened, name: string): unknown {
  return attrs[name]?.value;
}

function strings(value: unknown): string[] | undefined {
  if (typeof value === 'string') return [value];
  return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : undefined;
}

/** A name for a temporary file that no other process uses. */
export function temporaryName(extension: string): string {
  return `graft-${process.pid}-${randomBytes(6).toString('hex')}${extension}`;
}
