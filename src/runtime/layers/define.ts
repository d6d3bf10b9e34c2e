import { GraftError } from '../../common/errors.js';
import { tf } from '../tf.js';

/** Sizes, the batch first as null. */
export type Shape = readonly (number | null)[];

interface WeightDefinition {
  readonly name: string;
  readonly shape: readonly number[];
  /** Default true: statistics are not. */
  readonly trainable?: boolean;
  /** What it has before it is trained or loaded: this number, or as Keras draws kernels. Default 0. */
  readonly initial?: number | 'glorotUniform';
}

/** What a setting may be; undefined is always allowed. */
export type Check = (value: unknown) => boolean;

/** A layer of Keras that TensorFlow.js lacks, or has with other numbers. Settings are what `getConfig` gives beside the name: plain JSON. */
interface LayerDefinition<Settings> {
  readonly className: string;
  readonly settings: { readonly [Key in keyof Settings]-?: Check };
  readonly weights?: (settings: Settings, inputs: readonly Shape[]) => readonly WeightDefinition[];
  readonly outputShape: (settings: Settings, inputs: readonly Shape[]) => Shape;
  /** @param weights in the order of `weights`. */
  readonly call: (call: {
    readonly inputs: readonly tf.Tensor[];
    readonly settings: Settings;
    readonly weights: readonly tf.Tensor[];
    readonly training: boolean;
  }) => tf.Tensor;
}

type ShapeArgument = tf.Shape | tf.Shape[];

const ownClasses = new Set<string>();

/** Whether a layer is none of TensorFlow.js's own. */
export function isOwnLayer(layer: tf.layers.Layer): boolean {
  return ownClasses.has(layer.getClassName());
}

/**
 * Makes a class of a definition, and makes it known to TensorFlow.js, which then saves and loads it like its own.
 *
 * @returns its name there.
 */
export function defineLayer<Settings extends object>(definition: LayerDefinition<Settings>): string {
  const { className } = definition;

  class Defined extends tf.layers.Layer {
    static readonly className = className;
    readonly #settings: Settings;
    /** Whoever loads weights asks for kernels of zeros: drawing them would take time. */
    readonly #draws: boolean;

    constructor(
      config: Settings & { readonly name?: string; readonly trainable?: boolean; readonly kernelInitializer?: unknown },
    ) {
      super({
        ...(config.name === undefined ? {} : { name: config.name }),
        ...(config.trainable === undefined ? {} : { trainable: config.trainable }),
      });
      this.#settings = checked(config, definition, this.name);
      this.#draws = config.kernelInitializer === undefined;
    }

    override build(inputShape: ShapeArgument): void {
      for (const weight of definition.weights?.(this.#settings, shapesOf(inputShape)) ?? [])
        this.addWeight(
          weight.name,
          [...weight.shape],
          'float32',
          initializer(weight, this.#draws),
          undefined,
          weight.trainable,
        );
      this.built = true;
    }

    override computeOutputShape(inputShape: ShapeArgument): tf.Shape {
      return [...definition.outputShape(this.#settings, shapesOf(inputShape))];
    }

    override call(inputs: tf.Tensor | tf.Tensor[], kwargs: Readonly<Record<string, unknown>>): tf.Tensor {
      return tf.tidy(() =>
        definition.call({
          inputs: Array.isArray(inputs) ? inputs : [inputs],
          settings: this.#settings,
          weights: this.weights.map((weight) => weight.read()),
          training: kwargs['training'] === true,
        }),
      );
    }

    override getConfig(): tf.serialization.ConfigDict {
      return { ...super.getConfig(), ...(this.#settings as tf.serialization.ConfigDict) };
    }
  }
  tf.serialization.registerClass(Defined);
  ownClasses.add(className);
  return className;
}

function initializer({ initial = 0 }: WeightDefinition, draws: boolean) {
  if (initial !== 'glorotUniform') return tf.initializers.constant({ value: initial });
  return draws ? tf.initializers.glorotUniform({}) : tf.initializers.zeros();
}

/** The settings of a configuration, each of its kind: a file may say anything. */
function checked<Settings extends object>(
  config: Settings,
  { className, settings }: LayerDefinition<Settings>,
  name: string,
): Settings {
  const given = Object.entries(settings as Record<string, Check>).flatMap(([key, holds]) => {
    const value = (config as Readonly<Record<string, unknown>>)[key] ?? undefined;
    if (value === undefined) return [];
    if (holds(value)) return [[key, value] as const];
    throw new GraftError(`The layer "${name}" (${className}) has the ${key} ${JSON.stringify(value)}.`, {
      action: 'The file is damaged, or was edited: get another copy.',
    });
  });
  return Object.fromEntries(given) as Settings;
}

function shapesOf(shape: ShapeArgument): Shape[] {
  return Array.isArray(shape[0]) ? (shape as Shape[]) : [shape as Shape];
}

/** NumPy's broadcasting. */
export function broadcastShapes(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const [x, y] = [a.at(i - rank), b.at(i - rank)].map((side, k) =>
      i - rank + (k === 0 ? a : b).length < 0 ? 1 : side,
    );
    // The batch of the one would be an axis of the other's pictures.
    const isFirst = i > 0 && i === rank - Math.min(a.length, b.length);
    if (isFirst && (a.length < b.length ? x : y) === null)
      throw new Error(`values of ${a.length} and ${b.length} axes do not go together`);
    if (x === null || y === null) return null;
    if (x !== y && x !== 1 && y !== 1) throw new Error(`[${a.join(', ')}] and [${b.join(', ')}] do not broadcast`);
    return (x === 1 ? y : x) ?? 1;
  });
}

export const isNumber: Check = (value) => typeof value === 'number' && Number.isFinite(value);
export const isWhole: Check = Number.isSafeInteger;
export const isText: Check = (value) => typeof value === 'string';
export const isFlag: Check = (value) => typeof value === 'boolean';
export const isWholeList: Check = (value) => Array.isArray(value) && value.every(isWhole);
/** A number, or lists of numbers in lists: a tensor. */
export const isNumbers: Check = (value) => isNumber(value) || (Array.isArray(value) && value.every(isNumbers));
