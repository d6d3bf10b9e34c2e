import { GraftError } from '../../../common/errors.js';
import { parseJson } from '../../../common/read-file.js';
import { readHdf5 } from './hdf5/read.js';
import { countValues, isDataset, type Hdf5Dataset, type Hdf5Group } from './hdf5/types.js';

/** The weights of one layer of a Keras weight file, in Keras's order. */
export interface LayerWeights {
  readonly layer: string;
  readonly weights: readonly Hdf5Dataset[];
}

interface H5Model {
  /** `model_config`, for a whole model; undefined for weights alone. */
  readonly config: unknown;
  /** Of the Keras that wrote it. */
  readonly version: unknown;
  readonly layers: readonly LayerWeights[];
  /** Numbers that it holds in all. */
  readonly values: number;
}

/**
 * Reads a Keras 2 `.h5` file: attribute `layer_names` → group attribute `weight_names` → dataset. Or weights alone as Keras 3 writes them.
 *
 * @throws GraftError when it is damaged or not a Keras file.
 */
export async function readH5(file: string): Promise<H5Model> {
  const opened = await readHdf5(file);
  const root = groupIn(opened, 'model_weights') ?? opened;
  const config = opened.attributes.get('model_config');
  const names = strings(root, 'layer_names');
  if (names === undefined) {
    const layers = ofKeras3(opened);
    if (layers.length === 0) throw notLegacy(file, opened);
    return { config: undefined, version: undefined, layers, values: countValues(opened) };
  }
  const layers = names.map((layer): LayerWeights => {
    const group = groupIn(root, layer);
    if (group === undefined) throw damagedH5(file, `the group ${layer} is missing`);
    return { layer, weights: (strings(group, 'weight_names') ?? []).map((name) => readTensor(group, name, file)) };
  });
  return {
    config: typeof config === 'string' ? parseJson(config, `model_config of ${file}`) : undefined,
    version: opened.attributes.get('keras_version') ?? root.attributes.get('keras_version'),
    layers,
    values: countValues(root),
  };
}

/**
 * Weights alone of Keras 3: groups called after classes, each with the name of its layer beside its numbered `vars`. Those that say no name
 * are nobody's: the number of a class alone depends on the order in which Keras lists its layers.
 */
function ofKeras3(group: Hdf5Group): LayerWeights[] {
  return [...group.children].flatMap(([key, child]): LayerWeights[] => {
    if (isDataset(child)) return [];
    const layer = child.attributes.get('name');
    if (key !== 'vars' || typeof layer !== 'string') return ofKeras3(child);
    return [{ layer, weights: numbered(child) }];
  });
}

/** The datasets of a group in the order of their numbers. */
export function numbered(group: Hdf5Group): Hdf5Dataset[] {
  return [...group.children]
    .sort(([a], [b]) => Number(a) - Number(b))
    .flatMap(([, child]) => (isDataset(child) ? [child] : []));
}

/** What an HDF5 file is that has no layer names. */
function notLegacy(file: string, opened: Hdf5Group): GraftError {
  // Keras 3 writes groups `layers` (or, for subclassed models, `_layer_checkpoint_dependencies`) with `vars`.
  if (groupIn(opened, 'layers') !== undefined || groupIn(opened, '_layer_checkpoint_dependencies') !== undefined) {
    return new GraftError(
      `${file} holds weights alone (as save_weights of Keras 3 writes them), without the names of their layers.`,
      {
        action: 'Save the whole model: model.save("model.keras").',
      },
    );
  }
  return new GraftError(`${file} is an HDF5 file, but not one of Keras: it has no attribute "layer_names".`, {
    action: 'Give a file that model.save wrote.',
  });
}

export function damagedH5(file: string, reason: string): GraftError {
  return new GraftError(`${file} is not a whole Keras file: ${reason}.`, {
    action: 'It is damaged or cut off: download or copy it again.',
  });
}

function readTensor(group: Hdf5Group, name: string, file: string): Hdf5Dataset {
  const entry = entryIn(group, name);
  if (entry === undefined || !isDataset(entry)) throw damagedH5(file, `the dataset ${name} is missing`);
  return entry;
}

export function groupIn(parent: Hdf5Group, name: string): Hdf5Group | undefined {
  const entry = entryIn(parent, name);
  return entry === undefined || isDataset(entry) ? undefined : entry;
}

/** A name may lead through several groups: `conv/kernel:0`. */
function entryIn(parent: Hdf5Group, name: string): Hdf5Group | Hdf5Dataset | undefined {
  let entry: Hdf5Group | Hdf5Dataset | undefined = parent;
  for (const part of name.split('/').filter((piece) => piece !== ''))
    entry = entry === undefined || isDataset(entry) ? undefined : entry.children.get(part);
  return entry;
}

/** A list of texts, which Keras writes in parts (`layer_names0`, `layer_names1`, …) where it is longer than 64 kB. */
function strings({ attributes }: Hdf5Group, name: string): readonly string[] | undefined {
  const whole = attributes.get(name);
  if (whole !== undefined) return typeof whole === 'string' ? [whole] : whole;
  const parts: string[] = [];
  for (let i = 0; ; i++) {
    const part = attributes.get(`${name}${i}`);
    if (part === undefined) return i === 0 ? undefined : parts;
    parts.push(...(typeof part === 'string' ? [part] : part));
  }
}
