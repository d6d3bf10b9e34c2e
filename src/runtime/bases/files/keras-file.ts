import { parseJson } from '../../../common/read-file.js';
import { checkTopology } from './check-topology.js';
import { damagedH5, groupIn, readTensor, type LayerWeights } from './h5-file.js';
import { readHdf5 } from './hdf5/read.js';
import { countValues, isDataset } from './hdf5/types.js';
import { damaged, readZip } from './zip-file.js';

export interface KerasModel {
  /** Topology in the form of Keras 2, which TensorFlow.js reads. */
  readonly config: object;
  /** In the order of the model's layers; layers without weights are absent. */
  readonly layers: readonly LayerWeights[];
  /** Numbers that it holds in all. */
  readonly values: number;
}

const [configName, weightsName] = ['config.json', 'model.weights.h5'];

/**
 * Reads a Keras 3 `.keras` file: a zip of config.json, metadata.json and model.weights.h5.
 *
 * @throws GraftError when it is not one, is damaged, or unpacks to more than such a file can.
 */
export async function readKeras(file: string): Promise<KerasModel> {
  const entries = await readZip(file, [configName, weightsName]);
  const [configText, weights] = [entries.get(configName), entries.get(weightsName)];
  if (configText === undefined || weights === undefined)
    throw damaged(file, `${configText === undefined ? configName : weightsName} is missing in it`);
  const config = parseJson(configText.toString('utf8'), `${configName} of ${file}`);
  checkTopology(config, file);
  const topology = toKeras2(config) as { config: { layers: { class_name: string; config: { name: string } }[] } };

  const opened = await readHdf5(file, weights);
  const root = groupIn(opened, 'layers') ?? groupIn(opened, '_layer_checkpoint_dependencies');
  if (root === undefined) throw damagedH5(file, `${weightsName} in it has no group "layers"`);
  const used = new Map<string, number>();
  const layers = topology.config.layers.flatMap(({ class_name: className, config: { name } }): LayerWeights[] => {
    // Keras 3 names the groups after the classes, numbered in the order of the layers, whatever these are called.
    const snake = className
      .replaceAll(/(.)([A-Z][a-z]+)/g, '$1_$2')
      .replaceAll(/([a-z])([A-Z])/g, '$1_$2')
      .toLowerCase();
    const count = used.get(snake) ?? 0;
    used.set(snake, count + 1);
    const group = root.children.get(count === 0 ? snake : `${snake}_${count}`);
    if (group === undefined || isDataset(group)) return [];
    const variables = groupIn(group, 'vars');
    if (variables === undefined) return [];
    const tensors = [...variables.children.keys()]
      .sort((a, b) => Number(a) - Number(b))
      .map((key) => readTensor(variables, key, file));
    return tensors.length === 0 ? [] : [{ layer: name, weights: tensors }];
  });
  return { config: topology, layers, values: countValues(root) };
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
