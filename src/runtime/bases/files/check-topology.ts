import { GraftError } from '../../../common/errors.js';
import { layerTable } from '../keras/layers.js';
import { constantName, endsIn, isReference } from '../keras/network.js';

/** The deepest networks have some three thousand; what walks over them would overflow its stack. A layer counts once for each use. */
const maxLayers = 5000;
/** DenseNet-264, where each layer of a block takes all before it one by one, has fewer than ten thousand. */
const maxReferences = 50_000;
const modelClasses: ReadonlySet<unknown> = new Set(['Functional', 'Model', 'Sequential']);

type Fields = Readonly<Record<string, unknown>>;
/** Which output of which application of which layer. */
type Reference = readonly [layer: string, node: number, tensor: number];

interface Layer {
  readonly name: string;
  readonly isInput: boolean;
  /** For each application of the layer, what it takes. */
  readonly nodes: readonly (readonly Reference[])[];
  /** Applications that others may name. */
  readonly applications: number;
  /** Outputs of each; undefined where the layer alone knows. */
  readonly outputs: number | undefined;
}

/**
 * Looks whether a topology can be built at all: every layer has a name of its own and takes its input from an output that is there,
 * and no layer takes, by whatever way, what it makes itself. TensorFlow.js goes over such layers for ever.
 *
 * @param topology the configuration of a model, as Keras 2, Keras 3 or TensorFlow.js writes it; models nested in it are checked too.
 * @throws GraftError that names the file and the layer.
 */
export function checkTopology(topology: unknown, file: string): void {
  const wrong = (problem: string) =>
    new GraftError(`${file} describes no model that can be built: ${problem}.`, {
      action: 'It is damaged, or was edited: get another copy, or save the model again.',
    });
  let [count, references] = [0, 0];

  const countLayers = (more: number): void => {
    if ((count += more) > maxLayers) throw wrong(`it has more than ${maxLayers} layers`);
  };

  /** Returns how many outputs the model has. */
  const checkModel = (model: unknown, where: string): number => {
    const { class_name: className, config } = fields(model);
    if (!modelClasses.has(className)) {
      const problem = `${where} is ${shown(className)}, not a Functional or Sequential model`;
      if (typeof className !== 'string' || Object.hasOwn(layerTable, className)) throw wrong(problem);
      throw new GraftError(`${file}: ${problem}: a class of somebody’s own, whose code is not in the file.`, {
        action: 'Save what it is made of, in Python: keras.Model(model.inputs, model.outputs).save("model.keras").',
      });
    }
    const entries = Array.isArray(config) ? (config as unknown[]) : fields(config)['layers'];
    if (!Array.isArray(entries) || entries.length === 0) throw wrong(`${where} has no layers`);
    countLayers(entries.length);
    const layers = new Map<string, Layer>();
    for (const [index, entry] of entries.entries()) {
      const layer = readLayer(entry, `layer ${index + 1} of ${where}`, className !== 'Sequential');
      if (layers.has(layer.name)) throw wrong(`two layers of ${where} are called "${layer.name}"`);
      layers.set(layer.name, layer);
    }
    if (className === 'Sequential') return 1;
    checkReferences(layers);
    checkOrder(layers);
    for (const key of ['input_layers', 'output_layers'])
      for (const end of ends(config, key, where)) find(layers, end, `${key} of ${where} names`);
    return ends(config, 'output_layers', where).length;
  };

  const readLayer = (entry: unknown, where: string, withNodes: boolean): Layer => {
    const { class_name: className, config, name = fields(config)['name'], inbound_nodes: nodes } = fields(entry);
    if (typeof className !== 'string') throw wrong(`${where} has no class`);
    if (typeof name !== 'string' || name === '') throw wrong(`${where} (${className}) has no name`);
    const isModel = modelClasses.has(className);
    const modelOutputs = isModel ? checkModel(entry, `the model "${name}" in it`) : undefined;
    if (!isModel && (typeof config !== 'object' || config === null || Array.isArray(config)))
      throw wrong(`the layer "${name}" has no configuration`);
    const isInput = className === 'InputLayer';
    const applied = withNodes && !isInput ? readNodes(nodes, name) : [];
    if (withNodes && !isInput && applied.some((node) => node.length === 0) && className.endsWith('OpLambda'))
      throw new GraftError(
        `${file}: the layer "${name}" (${className}) is the operator ${shown(fields(config)['function'])}, whose inputs Keras has not written.`,
        { action: 'Replace that layer in Keras by layers that Graft knows, and save the model again.' },
      );
    if (withNodes && !isInput && (applied.length === 0 || applied.some((node) => node.length === 0)))
      throw wrong(`the layer "${name}" takes its input from nowhere`);
    // Keras 2 counts what a nested model does within itself as its first application.
    const applications = isInput ? 1 : applied.length + (isModel ? 1 : 0);
    const hasOne = Object.hasOwn(layerTable, className) && className !== 'MultiHeadAttention';
    const outputs = modelOutputs ?? (hasOne ? 1 : undefined);
    return { name, isInput, nodes: applied, applications, outputs };
  };

  const readNodes = (nodes: unknown, name: string): Reference[][] => {
    if (!Array.isArray(nodes)) return [];
    countLayers(nodes.length - 1);
    return nodes.map((node: unknown) => {
      const taken = Array.isArray(node)
        ? (typeof node[0] === 'string' ? [node] : (node as unknown[])).flatMap(taking)
        : histories([fields(node)['args'], fields(node)['kwargs']]);
      if ((references += taken.length) > maxReferences)
        throw wrong(`its layers take more than ${maxReferences} inputs`);
      return taken.map((value) => reference(value, `the layer "${name}"`));
    });
  };

  const reference = (value: unknown, by: string): Reference => {
    const [layer, node, tensor] = Array.isArray(value) ? (value as unknown[]) : [];
    if (typeof layer !== 'string' || !isIndex(node) || !isIndex(tensor))
      throw wrong(`${by} names ${shown(value)} where an output of a layer belongs`);
    return [layer, node, tensor];
  };

  const ends = (config: unknown, key: string, where: string): Reference[] => {
    const list = endsIn(fields(config)[key]);
    if (list.length === 0) throw wrong(`${where} has no ${key}`);
    return list.map((end) => reference(end, `${key} of ${where}`));
  };

  const find = (layers: ReadonlyMap<string, Layer>, [name, node, tensor]: Reference, by: string): Layer => {
    const layer = layers.get(name);
    if (layer === undefined) throw wrong(`${by} the output of a layer "${name}", which does not exist`);
    if (node >= layer.applications)
      throw wrong(`${by} application ${node} of the layer "${name}", which has ${layer.applications}`);
    if (tensor >= (layer.outputs ?? Infinity))
      throw wrong(`${by} output ${tensor} of the layer "${name}", which has ${layer.outputs ?? 0}`);
    return layer;
  };

  const checkReferences = (layers: ReadonlyMap<string, Layer>): void => {
    for (const { name, nodes } of layers.values())
      for (const from of nodes.flat()) find(layers, from, `the layer "${name}" takes`);
  };

  /** Takes away, again and again, the applications whose inputs are all made. What is left feeds itself. */
  const checkOrder = (layers: ReadonlyMap<string, Layer>): void => {
    const waiting = new Map<string, number>();
    const users = new Map<string, string[]>();
    const ready: string[] = [];
    for (const { name, isInput, nodes } of layers.values()) {
      if (isInput) ready.push(key(name, 0));
      nodes.forEach((references, index) => {
        waiting.set(key(name, index), references.length);
        for (const [from, node] of references) {
          // See above: of a nested model applied once, 0 and 1 are the same.
          const made = key(from, Math.min(node, Math.max(0, (layers.get(from)?.nodes.length ?? 1) - 1)));
          const list = users.get(made);
          if (list === undefined) users.set(made, [key(name, index)]);
          else list.push(key(name, index));
        }
      });
    }
    for (let made = ready.pop(); made !== undefined; made = ready.pop()) {
      waiting.delete(made);
      for (const user of users.get(made) ?? []) {
        const left = (waiting.get(user) ?? 0) - 1;
        waiting.set(user, left);
        if (left === 0) ready.push(user);
      }
    }
    const [stuck] = waiting.keys();
    if (stuck === undefined) return;
    // Against the stream, until one comes again: that one is in the circle.
    const met = new Set<string>();
    let at = stuck;
    while (!met.has(at)) {
      met.add(at);
      const [name, index] = JSON.parse(at) as [string, number];
      const from = layers.get(name)?.nodes[index]?.find(([layer, node]) => waiting.has(key(layer, node))) ?? [
        name,
        index,
      ];
      at = key(from[0], from[1]);
    }
    throw wrong(`the layer "${(JSON.parse(at) as [string])[0]}" takes its input, by whatever way, from itself`);
  };

  checkModel(fields(topology)['model_config'] ?? topology, 'the model');
}

function key(layer: string, node: number): string {
  return JSON.stringify([layer, node]);
}

/** What Keras 2 has for one input: the output that it is, or a number, and with it what is given by name. */
function taking(input: unknown): unknown[] {
  if (!Array.isArray(input)) return [input];
  const named = references(input[3]);
  return input[0] === constantName ? named : [input, ...named];
}

function references(value: unknown): unknown[] {
  if (isReference(value)) return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(references);
}

/** The tensors that the arguments of a layer in Keras 3 stand for. */
function histories(value: unknown): unknown[] {
  if (Array.isArray(value)) return value.flatMap(histories);
  if (typeof value !== 'object' || value === null) return [];
  const { class_name: className, config } = fields(value);
  if (className === '__keras_tensor__') return [fields(config)['keras_history']];
  return Object.values(value).flatMap(histories);
}

function fields(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

function isIndex(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 0;
}

function shown(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
