/** Which weights of a file belong to which layer: each format says it in its own way. */
import { GraftError } from '../../../common/errors.js';
import { tf } from '../../tf.js';
import { groupIn, numbered } from '../files/h5-file.js';
import type { Hdf5Dataset, Hdf5Group } from '../files/hdf5/types.js';
import type { Built } from './build.js';
import type { Layer, Network } from './network.js';

/** A weight as a file has it; no data where it does not hold floating-point numbers. */
export type FileWeight = Hdf5Dataset;

export type WeightsByLayer = ReadonlyMap<Layer, readonly FileWeight[]>;

/** What a layer of a file has as weights: for each, whether it trains. */
function trainability(layer: Layer, built: Built): boolean[] {
  const own = built.layers.get(layer)?.weights.map((weight) => weight.trainable) ?? [];
  // Keras keeps how many pictures its statistics are of, too.
  return layer.className === 'Normalization' && own.length === 2 ? [...own, false] : own;
}

/** A part of a file that has weights for layers by name, in an order of Keras's own. */
interface NamedWeights {
  readonly layer: string;
  readonly weights: readonly FileWeight[];
}

/**
 * Of an .h5 file: a list for each layer of the outermost model. That of a model in it is the weights of all its layers, those that train first.
 *
 * @throws GraftError where a list has more or fewer than its layers take.
 */
export function byH5(network: Network, built: Built, groups: readonly NamedWeights[], file: string): WeightsByLayer {
  const result = new Map<Layer, readonly FileWeight[]>();
  const lists = new Map(groups.map(({ layer, weights }) => [layer, weights]));
  for (const part of network.parts) {
    const weights = lists.get(part.name) ?? [];
    lists.delete(part.name);
    if (part.kind === 'layer') {
      result.set(part, weights);
      continue;
    }
    const wanted = slots(part, built, true);
    const order = [...wanted.filter(({ trains }) => trains), ...wanted.filter(({ trains }) => !trains)];
    if (order.length !== weights.length)
      throw misfit(
        file,
        built,
        `the model ${part.name} has ${weights.length} weights in it, and ${order.length} in the model`,
      );
    const found = new Map(order.map((slot, i) => [slot, weights[i]]));
    for (const slot of wanted) {
      const weight = found.get(slot);
      if (weight !== undefined) result.set(slot.layer, [...(result.get(slot.layer) ?? []), weight]);
    }
  }
  refuseRest(
    file,
    built,
    [...lists].flatMap(([layer, weights]) => (weights.length > 0 ? [layer] : [])),
  );
  return result;
}

interface Slot {
  readonly layer: Layer;
  readonly trains: boolean;
}

/** The weights of a model in the order of its layers. */
function slots(network: Network, built: Built, trainable: boolean): Slot[] {
  const trains = trainable && network.trainable;
  return network.parts.flatMap((part): Slot[] =>
    part.kind === 'network'
      ? slots(part, built, trains)
      : trainability(part, built).map((own) => ({ layer: part, trains: trains && part.trainable && own })),
  );
}

/** The layers within a layer, in the order of their weights. */
const sublayers = ['query_dense', 'key_dense', 'value_dense', 'output_dense'];

/**
 * Of a .keras file: groups in groups, called after the classes and numbered in the order of the layers, whatever these are called.
 *
 * @param root the group that holds those of the outermost model's layers.
 */
export function byKeras(network: Network, root: Hdf5Group): WeightsByLayer {
  const result = new Map<Layer, readonly FileWeight[]>();
  const used = new Map<string, number>();
  for (const part of network.parts) {
    const snake = snakeCase(part.className.replace(/^.*>/, ''));
    const count = used.get(snake) ?? 0;
    used.set(snake, count + 1);
    const group = groupIn(root, count === 0 ? snake : `${snake}_${count}`);
    if (group === undefined) continue;
    if (part.kind === 'layer') result.set(part, variables(group));
    else for (const [layer, weights] of byKeras(part, layersGroup(group) ?? group)) result.set(layer, weights);
  }
  return result;
}

export function layersGroup(group: Hdf5Group): Hdf5Group | undefined {
  return groupIn(group, 'layers') ?? groupIn(group, '_layer_checkpoint_dependencies');
}

function variables(group: Hdf5Group): FileWeight[] {
  const own = groupIn(group, 'vars');
  const weights = own === undefined ? [] : numbered(own);
  const within = sublayers.flatMap((name) => {
    const sublayer = groupIn(group, name) ?? groupIn(group, `_${name}`);
    return sublayer === undefined ? [] : variables(sublayer);
  });
  return [...weights, ...within];
}

function snakeCase(name: string): string {
  return name
    .replaceAll(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replaceAll(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
}

/**
 * Of a model.json: weights by name, `[model/]layer/[part/]kind`.
 *
 * @throws GraftError where a name could be that of two layers.
 */
export function byName(
  network: Network,
  built: Built,
  weights: ReadonlyMap<string, FileWeight>,
  file: string,
): WeightsByLayer {
  const groups = new Map<string, FileWeight[]>();
  for (const [name, weight] of weights) {
    const prefix = name.split('/').slice(0, -1).join('/');
    groups.set(prefix, [...(groups.get(prefix) ?? []), weight]);
  }
  const taken = new Set<string>();
  const result = new Map<Layer, readonly FileWeight[]>();
  const visit = (at: Network, path: readonly string[]): void => {
    for (const part of at.parts) {
      if (part.kind === 'network') visit(part, [...path, part.name]);
      else if (trainability(part, built).length > 0) {
        const prefixes = groupsOf(
          part.name,
          path,
          [...groups.keys()].filter((prefix) => !taken.has(prefix)),
        );
        for (const prefix of prefixes) taken.add(prefix);
        result.set(
          part,
          prefixes.flatMap((prefix) => groups.get(prefix) ?? []),
        );
      }
    }
  };
  visit(network, []);
  refuseRest(
    file,
    built,
    [...groups.keys()].filter((prefix) => !taken.has(prefix)),
  );
  return result;
}

/** The prefixes of a layer's weights: its own name, with the models around it, or with the layers within it. */
function groupsOf(name: string, path: readonly string[], prefixes: readonly string[]): string[] {
  const exact = prefixes.filter((prefix) => prefix === [...path, name].join('/'));
  if (exact.length > 0) return exact;
  const alone = prefixes.filter((prefix) => prefix === name);
  if (alone.length > 0) return alone;
  const within = prefixes.filter((prefix) => `/${prefix}/`.includes(`/${name}/`));
  if (within.length === 0) return [];
  // The first one's whole name up to the layer's; other layers within the same follow it.
  const [first = ''] = within;
  const start = `/${first}/`.indexOf(`/${name}/`);
  const scope = `/${first}/`.slice(0, start + name.length + 2);
  return within.filter((prefix) => `/${prefix}/`.startsWith(scope));
}

/**
 * Copies weights into the layers of a model. Asserts first that every layer has the count and the shapes that it needs; nothing is copied
 * otherwise.
 *
 * @throws GraftError naming the first layer that differs.
 */
export function assign(built: Built, weights: WeightsByLayer, file: string): void {
  const found = [...built.layers].flatMap(([layer, made]) => {
    const given = weights.get(layer) ?? [];
    const wanted = made.weights;
    if (wanted.length === 0 && given.length === 0) return [];
    if (given.length === 0) throw misfit(file, built, `it has no weights for the layer ${made.name}`);
    // Statistics may be followed by how many pictures they are of.
    const more = layer.className === 'Normalization' ? 1 : 0;
    if (given.length !== wanted.length && given.length !== wanted.length + more)
      throw misfit(
        file,
        built,
        `the layer ${made.name} has ${given.length} weights in it, and ${wanted.length} in the model`,
      );
    const tensors = wanted.map((weight, i) => {
      const { shape = [], data } = given[i] ?? {};
      if (shape.join() !== weight.shape.join())
        throw misfit(
          file,
          built,
          `${weight.originalName} is [${shape.join(', ')}] in it, and [${weight.shape.join(', ')}] in the model`,
        );
      if (data === undefined)
        throw new GraftError(`${file}: the weight ${weight.originalName} does not hold floating-point numbers.`, {
          action: 'Save the model with weights that are float32 or float16: a quantised one cannot be trained.',
        });
      return { shape, data };
    });
    return [{ made, tensors }];
  });
  for (const { made, tensors } of found)
    tf.tidy(() => {
      made.setWeights(tensors.map(({ data, shape }) => tf.tensor(data, [...shape])));
    });
}

function refuseRest(file: string, built: Built, rest: readonly string[]): void {
  if (rest.length === 0) return;
  throw misfit(
    file,
    built,
    `it has weights for ${rest.length} layers that the model lacks, the first one ${rest[0] ?? ''}`,
  );
}

function misfit(file: string, { model }: Built, problem: string): GraftError {
  return new GraftError(`${file} does not fit ${model.name}: ${problem}.`, {
    action: 'It holds another architecture, or other arguments (alpha, classes, includeTop) made it.',
  });
}
