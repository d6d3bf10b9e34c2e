import { GraftError } from '../../../common/errors.js';
import { tf } from '../../tf.js';
import { checkCall, endMasks, heedMasks, layerTable, ofPublishedNetworks } from './layers.js';
import { nodeOffsets, uniqueNames } from './names.js';
import { plainName, Ref, refsIn, type Call, type Dialect, type Fields, type Layer, type Network } from './network.js';
import { isOperation, operatorName, translateOperator } from './operators.js';
import { asItIs, sentenceOf, zeroInitializers } from './own-words.js';
import { LayerReader, withoutTraining } from './reader.js';
import { unchanged, type Translation } from './translation.js';
import { isSomebodysOwn, unknownLayer } from './unknown-layer.js';

export interface Built {
  readonly model: tf.LayersModel;
  /** The layers of the file that have become one of TensorFlow.js; inputs have not. */
  readonly layers: ReadonlyMap<Layer, tf.layers.Layer>;
}

interface BuildOptions {
  readonly file: string;
  readonly dialect: Dialect;
  /** [height, width]; default the model's own. */
  readonly inputSize?: readonly [number, number] | undefined;
}

/**
 * Builds a model as TensorFlow.js has it, models nested in it dissolved: each layer stands in the one list, under its own name where no other
 * has it. What a layer means is decided by `layers.ts` and `operators.ts`.
 *
 * @throws GraftError that names the layer and what of it is not known; whatever TensorFlow.js throws.
 */
export function buildNetwork(network: Network, options: BuildOptions): Built {
  return new Builder(network, options).build();
}

class Builder {
  readonly #layers = new Map<Layer, tf.layers.Layer>();
  /** Layers without weights that are not the same each time: operators with their constants. */
  readonly #variants = new Map<string, tf.layers.Layer>();
  readonly #written = new Map<Layer, string>();
  readonly #names: ReadonlyMap<Layer, string>;
  readonly #used: Set<string>;
  /** What comes with a mask from an Embedding: which layer's, by tensor. */
  readonly #masked = new Map<tf.SymbolicTensor, string>();

  constructor(
    private readonly network: Network,
    private readonly options: BuildOptions,
  ) {
    this.#names = uniqueNames(network);
    this.#used = new Set(this.#names.values());
  }

  build(): Built {
    const { network } = this;
    const inputs = network.isSequential
      ? [this.#sequentialInput(network)]
      : network.inputs.map((ref) => this.#input(ref));
    const outputs = this.#apply(network, inputs, '');
    const model = tf.model({ inputs, outputs, name: network.name });
    return { model, layers: this.#layers };
  }

  #input({ layer }: Ref): tf.SymbolicTensor {
    const found = this.network.parts.find(({ name }) => name === layer);
    if (found?.kind !== 'layer' || found.className !== 'InputLayer')
      throw this.#problem(`${this.network.name} takes its input at "${layer}", which is no input`);
    return this.#inputTensor(found.config['batch_input_shape'] ?? found.config['batch_shape'], found);
  }

  /** A Sequential model may say it in its first layer, in the first layer of that, or beside its layers. */
  #sequentialInput(network: Network): tf.SymbolicTensor {
    let at: Layer | Network | undefined = network;
    const shapes: unknown[] = [network.inputShape];
    while (at?.kind === 'network') {
      shapes.push(at.inputShape);
      const [first]: readonly (Layer | Network)[] = at.isSequential
        ? at.parts
        : at.parts.filter((part) => at?.kind === 'network' && part.name === at.inputs[0]?.layer);
      at = first;
    }
    if (at !== undefined) shapes.unshift(at.config['batch_input_shape'] ?? at.config['batch_shape']);
    const shape = shapes.find((entry) => entry !== undefined && entry !== null);
    return this.#inputTensor(shape, at?.className === 'InputLayer' ? at : undefined);
  }

  #inputTensor(value: unknown, layer: Layer | undefined): tf.SymbolicTensor {
    if (!Array.isArray(value) || !value.every((side) => side === null || Number.isSafeInteger(side)))
      throw this.#problem(`${this.network.name} does not say what its input is`);
    const [, ...own] = value as (number | null)[];
    const sides =
      this.options.inputSize !== undefined && own.length === 3 ? [...this.options.inputSize, own[2] ?? null] : own;
    // Pictures and numbers alike are float32 here; whole numbers look up rows.
    const { dtype } = layer?.config ?? {};
    return tf.input({
      shape: sides,
      name: (layer && this.#names.get(layer)) ?? 'input',
      ...(this.options.dialect === 'tfjs' && typeof dtype === 'string' ? { dtype: dtype as 'float32' } : {}),
    });
  }

  /** A network on tensors. Its layers are applied as soon as what they take is there. */
  #apply(network: Network, inputs: readonly tf.SymbolicTensor[], path: string): tf.SymbolicTensor[] {
    if (network.isSequential) {
      let tensors = [...inputs];
      for (const part of network.parts) {
        if (part.className === 'InputLayer') continue;
        const refs = tensors.map((_, i) => new Ref('', 0, i));
        tensors = this.#applyPart(part, { args: refs, kwargs: {} }, (ref) => tensors[ref.tensor], path);
      }
      return tensors;
    }
    const values = new Map<string, tf.SymbolicTensor>();
    const offsets = nodeOffsets(network);
    const key = ({ layer, node, tensor }: Ref) => `${tensor} ${Math.max(0, node - (offsets.get(layer) ?? 0))} ${layer}`;
    network.inputs.forEach((ref, i) => {
      const tensor = inputs[i];
      if (tensor !== undefined) values.set(key(ref), tensor);
    });
    let waiting = network.parts.flatMap((part) =>
      part.className === 'InputLayer'
        ? []
        : part.calls.map((call, node) => ({ part, call, node, refs: refsIn([call.args, call.kwargs]) })),
    );
    while (waiting.length > 0) {
      const left: typeof waiting = [];
      // The applications of one layer follow each other.
      const stuck = new Set<Layer | Network>();
      for (const entry of waiting) {
        const { part, call, node, refs } = entry;
        if (stuck.has(part) || !refs.every((ref) => values.has(key(ref)))) {
          stuck.add(part);
          left.push(entry);
          continue;
        }
        const made = this.#applyPart(part, call, (ref) => values.get(key(ref)), path);
        made.forEach((tensor, i) => values.set(`${i} ${node} ${part.name}`, tensor));
      }
      if (left.length === waiting.length)
        throw this.#problem(`the layer "${left[0]?.part.name ?? ''}" waits for its input for ever`);
      waiting = left;
    }
    return network.outputs.map((ref) => {
      const tensor = values.get(key(ref));
      if (tensor === undefined) throw this.#problem(`${network.name} ends at "${ref.layer}", which is not there`);
      return tensor;
    });
  }

  #applyPart(
    part: Layer | Network,
    call: Call,
    tensorOf: (ref: Ref) => tf.SymbolicTensor | undefined,
    path: string,
  ): tf.SymbolicTensor[] {
    const tensors = (refs: readonly Ref[]) =>
      refs.map((ref) => {
        const tensor = tensorOf(ref);
        if (tensor === undefined) throw this.#problem(`the layer "${part.name}" takes what is not there`);
        return tensor;
      });
    if (part.kind === 'network') {
      if (call.kwargs['training'] === true)
        throw this.#problem(
          `the model "${part.name}" in it is applied with training=True, so that it never gives the same twice`,
          withoutTraining,
        );
      return this.#apply(part, tensors(refsIn(call.args)), `${path}${part.name}_`);
    }
    const given = tensors(refsIn([call.args, call.kwargs]));
    const translation = this.#translate(part, call, given);
    const mask = this.#maskOf(part, given);
    if (translation === unchanged) return tensors(refsIn(call.args));
    const { className, config, inputs } = translation;
    const layer = this.#instance(part, className, config);
    const taken = inputs === undefined ? tensors(refsIn(call.args)) : tensors(inputs);
    const [only] = taken;
    if (only === undefined) throw this.#problem(`the layer "${part.name}" takes its input from nowhere`);
    const isList = call.args.some(Array.isArray) || taken.length > 1;
    const result = this.#named(part, () => layer.apply(isList ? taken : only)) as
      tf.SymbolicTensor | tf.SymbolicTensor[];
    const made = Array.isArray(result) ? result : [result];
    if (mask !== undefined) for (const tensor of made) this.#masked.set(tensor, mask);
    return made;
  }

  /** The layer whose mask comes out of one with these inputs. Masks are not computed here. @throws where the layer's numbers need it. */
  #maskOf(part: Layer, given: readonly tf.SymbolicTensor[]): string | undefined {
    if (part.className === 'Embedding' && part.config['mask_zero'] === true) return part.name;
    const from = given.map((tensor) => this.#masked.get(tensor)).find((name) => name !== undefined);
    if (from === undefined || endMasks.has(part.className)) return undefined;
    if (heedMasks.has(part.className))
      throw this.#problem(
        `the layer "${part.name}" (${part.className}) is given a mask by the layer "${from}" (mask_zero), which is not known here`,
        'Build the model in Keras without mask_zero, and save it again.',
      );
    return from;
  }

  /** TensorFlow.js's own errors, with the layer that they are about. */
  #named<T>(part: Layer, work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (error instanceof GraftError) throw error;
      throw new GraftError(
        `${this.options.file}: the layer "${part.name}" (${part.className}) cannot be built: ${sentenceOf(error)}`.replace(
          /([^.])$/,
          '$1.',
        ),
        {
          action:
            this.options.inputSize === undefined
              ? 'The file is damaged, or the layer is not one that Graft knows: save the model again.'
              : 'Leave inputShape out: this model may need its own input size.',
          cause: error,
        },
      );
    }
  }

  #translate(part: Layer, call: Call, inputs: readonly tf.SymbolicTensor[]): Translation | typeof unchanged {
    const { file, dialect } = this.options;
    // Keras's own names of a slope are no names of TensorFlow.js's: it would take its default.
    if (dialect === 'tfjs' && !/^(Leaky)?ReLU$/.test(part.className)) return asItIs(part);
    const reader = new LayerReader(
      file,
      part,
      dialect,
      call,
      inputs.map(({ shape }) => shape),
    );
    const operator = operatorName(reader);
    if (operator !== undefined && (isOperation(operator) || part.module !== '' || part.className.endsWith('OpLambda')))
      return this.#named(part, () => translateOperator(reader, operator));
    // Keras writes classes that are not its own with where they are registered.
    const className = part.className.replace(/^.*>/, '');
    const translate = Object.hasOwn(layerTable, className) ? layerTable[className] : undefined;
    if (translate === undefined || (isSomebodysOwn(part) && !ofPublishedNetworks.has(className)))
      throw unknownLayer(reader);
    const translation = this.#named(part, () => translate(reader));
    if (dialect !== 'tfjs') reader.finish();
    if (translation === unchanged || translation.inputs === undefined) checkCall(reader);
    return translation;
  }

  #instance(part: Layer, className: string, config: Fields): tf.layers.Layer {
    const written = JSON.stringify([className, config]);
    const known = this.#layers.get(part);
    if (known !== undefined && this.#written.get(part) === written) return known;
    const variant = this.#variants.get(`${this.#names.get(part) ?? ''} ${written}`);
    if (variant !== undefined) return variant;
    if (known !== undefined && known.weights.length > 0)
      throw this.#problem(
        `the layer "${part.name}" is applied in two ways that its weights do not fit`,
        'In Keras, give each use a layer of its own, and save the model again.',
      );
    const name = known === undefined ? (this.#names.get(part) ?? part.name) : this.#fresh(part.name);
    const { classNameMap: classes } = tf.serialization.SerializationMap.getMap();
    const [make, fromConfig] = (Object.hasOwn(classes, className) ? classes[className] : undefined) ?? [];
    if (make === undefined || fromConfig === undefined)
      throw this.#problem(
        `the layer "${part.name}" is a ${className}, which TensorFlow.js does not know`,
        'Save the model without it.',
      );
    const layer = this.#named(part, () =>
      fromConfig(make, {
        ...zeroInitializers(className),
        ...config,
        name,
        trainable: true,
      }),
    );
    if (!(layer instanceof tf.layers.Layer))
      throw this.#problem(`the layer "${part.name}" is a ${className}, which is no layer`);
    if (known === undefined) {
      this.#layers.set(part, layer);
      this.#written.set(part, written);
    } else this.#variants.set(`${this.#names.get(part) ?? ''} ${written}`, layer);
    return layer;
  }

  #fresh(name: string): string {
    for (let i = 1; ; i++) {
      const tried = `${plainName(name)}_${i}`;
      if (this.#used.has(tried)) continue;
      this.#used.add(tried);
      return tried;
    }
  }

  #problem(
    what: string,
    action = 'It is damaged, or was edited: get another copy, or save the model again.',
  ): GraftError {
    return new GraftError(`${this.options.file}: ${what}.`, { action });
  }
}
