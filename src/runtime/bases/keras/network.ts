/** A model's configuration as Keras 2, Keras 3 or TensorFlow.js writes it, in one form. `files/check-topology.ts` has looked at it before. */

/** Who wrote a configuration decides what its names mean. */
export type Dialect = 'keras2' | 'keras3' | 'tfjs';

export type Fields = Readonly<Record<string, unknown>>;

/** An output of an application of a layer of the same model. */
export class Ref {
  constructor(
    readonly layer: string,
    readonly node: number,
    readonly tensor: number,
  ) {}
}

/** Python's `start:stop:step`, and `…`. */
export class Slice {
  constructor(
    readonly start: number | null,
    readonly stop: number | null,
    readonly step: number | null,
  ) {}
}
export const ellipsis = Symbol('…');

/** One application of a layer: what it is given, tensors as `Ref`s. */
export interface Call {
  readonly args: readonly unknown[];
  readonly kwargs: Fields;
}

interface Part {
  readonly name: string;
  readonly className: string;
  readonly trainable: boolean;
  /** None in a Sequential model, where each follows the one before. */
  readonly calls: readonly Call[];
}

export interface Layer extends Part {
  readonly kind: 'layer';
  /** Keras 3: where the class is from. */
  readonly module: string;
  readonly config: Fields;
}

export interface Network extends Part {
  readonly kind: 'network';
  readonly isSequential: boolean;
  readonly parts: readonly (Layer | Network)[];
  readonly inputs: readonly Ref[];
  readonly outputs: readonly Ref[];
  /** What a Sequential model says of its input beside its layers. */
  readonly inputShape: unknown;
}

const models: ReadonlySet<unknown> = new Set(['Functional', 'Model', 'Sequential']);

/** @param topology checked. */
export function parseNetwork(topology: unknown): Network {
  const model = fieldsOf(topology)['model_config'] ?? topology;
  return parsePart(model, []) as Network;
}

/** Which Keras wrote it: by its version where that is known, else by the form of its layers. */
export function dialectOf(version: unknown, topology: unknown): Dialect {
  if (typeof version === 'string') {
    if (version.startsWith('tfjs')) return 'tfjs';
    return version.startsWith('3') ? 'keras3' : 'keras2';
  }
  return /"(?:batch_shape|__keras_tensor__)"/.test(JSON.stringify(topology)) ? 'keras3' : 'tfjs';
}

function parsePart(entry: unknown, calls: readonly Call[]): Layer | Network {
  const {
    class_name: className,
    config,
    name,
    module,
    registered_name: registered,
    build_config: build,
  } = fieldsOf(entry);
  const fields = fieldsOf(config);
  const common = {
    name: textOf(name) ?? textOf(fields['name']) ?? 'model',
    // A class of somebody's own may be called like one of Keras's; registered, it has its package before its name.
    className: textOf(registered)?.includes('>') === true ? String(registered) : String(className),
    trainable: fields['trainable'] !== false,
    calls,
  };
  if (!models.has(className)) return { ...common, kind: 'layer', module: textOf(module) ?? '', config: fields };
  const isSequential = className === 'Sequential';
  const entries = (Array.isArray(config) ? config : fields['layers']) as readonly unknown[];
  return {
    ...common,
    kind: 'network',
    isSequential,
    parts: entries.map((part) => parsePart(part, isSequential ? [] : parseCalls(fieldsOf(part)['inbound_nodes']))),
    inputs: isSequential ? [] : ends(fields['input_layers']),
    outputs: isSequential ? [] : ends(fields['output_layers']),
    inputShape: fields['build_input_shape'] ?? fieldsOf(build)['input_shape'],
  };
}

function ends(value: unknown): Ref[] {
  return endsIn(value).map((end) => {
    const [layer, node, tensor] = end as [string, number, number];
    return new Ref(layer, node, tensor);
  });
}

/** The outputs of layers that are a model's inputs or outputs: one, a list of them, or, by name, a dictionary. */
export function endsIn(value: unknown): unknown[] {
  if (!Array.isArray(value)) return Object.values(fieldsOf(value)).flatMap(endsIn);
  return typeof value[0] === 'string' ? [value] : (value as unknown[]);
}

function parseCalls(nodes: unknown): Call[] {
  return Array.isArray(nodes) ? nodes.map(parseCall) : [];
}

function parseCall(node: unknown): Call {
  if (!Array.isArray(node)) {
    const { args, kwargs } = fieldsOf(node);
    const given = parseValue(args ?? []);
    return { args: Array.isArray(given) ? given : [given], kwargs: fieldsOf(parseValue(kwargs)) };
  }
  // Keras 2: ["layer", 0, 0, {…}], or a list of those.
  const list = (typeof node[0] === 'string' ? [node] : node) as readonly (readonly unknown[])[];
  const taken = list.map(([layer, at, tensor]) =>
    layer === constantName ? tensor : new Ref(String(layer), Number(at), Number(tensor)),
  );
  return { args: taken.length === 1 ? taken : [taken], kwargs: fieldsOf(parseValue(list[0]?.[3])) };
}

/** Keras 2 writes it in place of a layer's name where a number is given. */
export const constantName = '_CONSTANT_VALUE';

/** Whether a value of Keras 2's keyword arguments stands for an output of a layer. */
export function isReference(value: unknown): value is [string, number, number] {
  return (
    Array.isArray(value) &&
    value.length >= 3 &&
    value.length <= 4 &&
    typeof value[0] === 'string' &&
    value[0] !== constantName &&
    Number.isInteger(value[1]) &&
    Number.isInteger(value[2])
  );
}

function parseValue(value: unknown): unknown {
  if (isReference(value)) return new Ref(...(value.slice(0, 3) as [string, number, number]));
  if (Array.isArray(value)) return value[0] === constantName ? value[2] : value.map(parseValue);
  if (typeof value !== 'object' || value === null) return value;
  const { class_name: className, config } = fieldsOf(value);
  const { keras_history: history, value: held, start, stop, step } = fieldsOf(config ?? value);
  switch (className) {
    case '__keras_tensor__':
      return new Ref(...(history as [string, number, number]));
    case '__tensor__':
    case '__numpy__':
      return held;
    case '__ellipsis__':
      return ellipsis;
    case '__slice__':
      return new Slice(wholeOrNull(start), wholeOrNull(stop), wholeOrNull(step));
    case undefined:
      // Keras 2 writes slices without a class.
      if ('start' in value && 'stop' in value && 'step' in value)
        return new Slice(wholeOrNull(start), wholeOrNull(stop), wholeOrNull(step));
      break;
  }
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, parseValue(entry)]));
}

/** Whether a module of Python is Keras's; Keras 2 names none. */
export function isOfKeras(module: string): boolean {
  return /^$|^(keras|tf_keras|tensorflow\.keras|tensorflow\.python\.keras|builtins)(\.|$)/.test(module);
}

/** The outputs of layers in what a call is given. */
export function refsIn(value: unknown): Ref[] {
  if (value instanceof Ref) return [value];
  if (Array.isArray(value)) return value.flatMap(refsIn);
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(refsIn);
}

/** The layers of a network and of those in it, in the order of the file. */
export function leavesOf(network: Network): Layer[] {
  return network.parts.flatMap((part) => (part.kind === 'layer' ? [part] : leavesOf(part)));
}

/** A name as TensorFlow.js takes it: Keras's may have "/", which is for scopes there, spaces, or letters of any alphabet. */
export function plainName(layer: string): string {
  return layer.replaceAll(/[^-\w.]/g, '_').replace(/^(?=[-_.]|$)/, 'layer');
}

/** As Keras 3 spells the layers of MobileNetV3: those in the published files are Keras 2's, such as `Conv/BatchNorm`. */
export function newName(layer: string): string {
  return plainName(layer)
    .toLowerCase()
    .replace(/_batchnorm$/, '_bn');
}

export function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function wholeOrNull(value: unknown): number | null {
  return Number.isSafeInteger(value) ? Number(value) : null;
}
