import { readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import { unzipSync } from 'fflate';

import { GraftError, messageOf } from '../errors.js';
import { groupOf, readTensor, temporaryName, withH5, type LayerWeights } from './h5-file.js';

const maxBytes = 4e9;

export interface KerasModel {
  /** Topology in the form of Keras 2, which TensorFlow.js reads. */
  readonly config: object;
  /** In the order of the model's layers; layers without weights are absent. */
  readonly layers: readonly LayerWeights[];
}

/**
 * Reads a Keras 3 `.keras` file: a zip of config.json, metadata.json and model.weights.h5.
 *
 * @throws GraftError when it is not one, or unpacks to more than 4 GB.
 */
export async function readKeras(file: string): Promise<KerasModel> {
  const entries = await unzip(file);
  const config: unknown = JSON.parse(new TextDecoder().decode(entries['config.json']));
  const topology = toKeras2(config) as { config?: { layers?: { class_name: string; config: { name: string } }[] } };
  const temporary = path.join(os.tmpdir(), temporaryName('.weights.h5'));
  try {
    await writeFile(temporary, entries['model.weights.h5'] ?? new Uint8Array());
    const layers = await withH5(temporary, (opened) => {
      const root =
        opened.get('layers') === null ? groupOf(opened, '_layer_checkpoint_dependencies') : groupOf(opened, 'layers');
      const used = new Map<string, number>();
      return (topology.config?.layers ?? []).flatMap(({ class_name: className, config: { name } }): LayerWeights[] => {
        // Keras 3 names the groups after the classes, numbered in the order of the layers.
        const snake = className
          .replaceAll(/(.)([A-Z][a-z]+)/g, '$1_$2')
          .replaceAll(/([a-z])([A-Z])/g, '$1_$2')
          .toLowerCase();
        const count = used.get(snake) ?? 0;
        used.set(snake, count + 1);
        const group = [name, count === 0 ? snake : `${snake}_${count}`]
          .map((key) => root.get(key))
          .find((found) => found !== null);
        if (group === undefined || !('keys' in group)) return [];
        const variables = group.get('vars');
        if (variables === null || !('keys' in variables)) return [];
        const weights = [...variables.keys()]
          .sort((a, b) => Number(a) - Number(b))
          .map((key) => readTensor(variables, key));
        return weights.length === 0 ? [] : [{ layer: name, weights }];
      });
    });
    return { config: topology, layers };
  } finally {
    await rm(temporary, { force: true });
  }
}

async function unzip(file: string): Promise<Record<string, Uint8Array>> {
  try {
    let total = 0;
    const entries = unzipSync(await readFile(file), {
      filter: ({ name, originalSize }) => {
        if (name !== 'config.json' && name !== 'model.weights.h5') return false;
        total += originalSize;
        if (total > maxBytes) throw new Error('it unpacks to more than 4 GB');
        return true;
      },
    });
    if (entries['config.json'] === undefined || entries['model.weights.h5'] === undefined) {
      throw new Error('config.json or model.weights.h5 is missing in it');
    }
    return entries;
  } catch (error) {
    throw new GraftError(`${file} is not a whole .keras file: ${messageOf(error)}.`, {
      action: 'It may be truncated: save or copy it again.',
      cause: error,
    });
  }
}

/** Rewrites a Keras 3 configuration as Keras 2 wrote it; a Keras 2 one is returned as it is. */
export function toKeras2(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toKeras2);
  if (typeof value !== 'object' || value === null) return value;
  const source = value as Record<string, unknown>;
  if (source['class_name'] === 'DTypePolicy')
    return (source['config'] as { name?: unknown } | undefined)?.name ?? 'float32';
  const result: Record<string, unknown> = {};
  for (const [key, entry] of Object.entries(source)) {
    if (key === 'module' || key === 'registered_name' || key === 'build_config' || key === 'compile_config') continue;
    if (key === 'batch_shape') result['batch_input_shape'] = entry;
    else if (key === 'inbound_nodes') result[key] = inboundNodes(entry);
    else if (
      (key === 'input_layers' || key === 'output_layers') &&
      Array.isArray(entry) &&
      typeof entry[0] === 'string'
    )
      result[key] = [entry];
    else if (key === 'activation' && entry === 'silu') result[key] = 'swish';
    else result[key] = toKeras2(entry);
  }
  // Keras 3 dropped these from the layer entry; TensorFlow.js wants the name there.
  const config = result['config'];
  if (
    typeof result['class_name'] === 'string' &&
    result['name'] === undefined &&
    typeof config === 'object' &&
    config !== null &&
    'name' in config
  ) {
    result['name'] = config.name;
  }
  return result;
}

function inboundNodes(nodes: unknown): unknown {
  if (!Array.isArray(nodes)) return nodes;
  return nodes.map((node: unknown) => {
    if (typeof node !== 'object' || node === null || !('args' in node)) return node;
    const histories: unknown[] = [];
    const collect = (value: unknown): void => {
      if (Array.isArray(value)) value.forEach(collect);
      else if (
        typeof value === 'object' &&
        value !== null &&
        'class_name' in value &&
        value.class_name === '__keras_tensor__'
      ) {
        const { keras_history: history } = (value as unknown as { config: { keras_history: unknown[] } }).config;
        histories.push([...history, {}]);
      }
    };
    collect(node.args);
    return histories;
  });
}
