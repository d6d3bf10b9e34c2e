import type { tf } from '../../tf.js';
import type { CustomGradient } from '../gradients/rule.js';
import { GraphBuilder, permute, type Shape, type Value } from '../ir.js';

/** A layer that has no counterpart in ONNX (yet): the caller falls back to TensorFlow.js. */
export class UnsupportedLayer extends Error {
  override readonly name = 'UnsupportedLayer';

  constructor(layer: tf.layers.Layer, why: string) {
    super(`the layer ${layer.name} (${layer.getClassName()}): ${why}`);
  }
}

/** How a Keras weight lies in an ONNX operator: the axes of the ONNX tensor, as axes of the Keras one, then a reshape. */
export interface WeightLayout {
  readonly permutation: readonly number[];
  readonly shape: readonly number[];
}

export type LayerWeight = tf.layers.Layer['weights'][number];

/** A convolution that the layer after it may want otherwise. */
export interface Convolution {
  readonly bias: Value | undefined;
  /** The same with each filter's weights times `scale`, and another bias; both [filters]. No scale: the weights as they are. */
  readonly rescaled: (scale: Value | undefined, bias: Value) => Value;
}

/** What a layer's lowering may use. */
export interface LowerContext {
  readonly builder: GraphBuilder;
  /** A weight as an ONNX value: a constant, or a parameter when it trains. */
  weight(weight: LayerWeight, layout?: WeightLayout): Value;
  /** Whether it is a parameter. */
  readonly trains: (weight: LayerWeight) => boolean;
  /** Whether this layer runs in training mode. */
  readonly training: (layer: tf.layers.Layer) => boolean;
  /** In training: this weight moves towards `batch` by 1 − momentum after the step. */
  moving(weight: LayerWeight, batch: Value, momentum: number): void;
  /** In training: 0 where a value is dropped, else 1 / (1 − rate), [N, …shape]. Undefined: nothing is dropped. */
  mask(layer: tf.layers.Layer, shape: Shape): Value | undefined;
  /** Convolutions with weights that train, as far as written, by the name of their output. */
  readonly convolutions: Map<string, Convolution>;
  /** Gives the gradient of a stretch of nodes as a whole. */
  readonly custom: (gradient: CustomGradient) => void;
}

/**
 * ONNX values for a layer's outputs. Rank-4 values are images in [N, C, H, W], whereas Keras has [N, H, W, C]; all other
 * ranks are as in Keras.
 */
export type Lowering = (layer: tf.layers.Layer, inputs: readonly Value[], context: LowerContext) => Value;

/** A layer's configuration, as `getConfig` gives it. */
export class LayerConfig {
  readonly #config: Record<string, unknown>;

  constructor(private readonly layer: tf.layers.Layer) {
    this.#config = layer.getConfig();
  }

  number(name: string, otherwise: number): number {
    return this.optionalNumber(name) ?? otherwise;
  }

  /** A number or null, as Keras's `max_value` may be. */
  optionalNumber(name: string): number | undefined {
    const value = this.#given(name);
    if (value !== undefined && typeof value !== 'number') throw this.#strange(name);
    return value;
  }

  boolean(name: string, otherwise: boolean): boolean {
    const value = this.#given(name) ?? otherwise;
    if (typeof value !== 'boolean') throw this.#strange(name);
    return value;
  }

  string(name: string, otherwise: string): string {
    const value = this.#given(name) ?? otherwise;
    if (typeof value !== 'string') throw this.#strange(name);
    return value;
  }

  /** [height, width], also from one number. */
  pair(name: string, otherwise: readonly [number, number]): [number, number] {
    const value = this.#given(name) ?? otherwise;
    if (typeof value === 'number') return [value, value];
    const [first, second] = Array.isArray(value) ? (value as unknown[]) : [];
    if (typeof first !== 'number' || typeof second !== 'number') throw this.#strange(name);
    return [first, second];
  }

  /** A number, or one for each channel. */
  oneOrMany(name: string, otherwise: number): readonly number[] {
    const values = [this.#given(name) ?? otherwise].flat() as unknown[];
    if (!values.every((value) => typeof value === 'number')) throw this.#strange(name);
    return values;
  }

  numbers(name: string): number[] {
    const value = this.#config[name];
    return Array.isArray(value) ? value.map(Number) : [];
  }

  raw(name: string): unknown {
    return this.#config[name];
  }

  #given(name: string): unknown {
    return this.#config[name] ?? undefined;
  }

  /** What is not understood is never taken for its default: the numbers would be wrong without a word. */
  #strange(name: string): UnsupportedLayer {
    return new UnsupportedLayer(this.layer, `${name} ${JSON.stringify(this.#config[name])}`);
  }

  /** @throws UnsupportedLayer for channels-first layers. */
  requireChannelsLast(): void {
    if (this.#config['dataFormat'] === 'channelsFirst') throw new UnsupportedLayer(this.layer, 'channels first');
  }
}

/** The only input of a layer. */
export function single(layer: tf.layers.Layer, inputs: readonly Value[]): Value {
  const [input] = inputs;
  if (input === undefined || inputs.length !== 1) throw new UnsupportedLayer(layer, `${inputs.length} inputs`);
  return input;
}

/** [N, C, H, W] with known sizes. @throws UnsupportedLayer otherwise. */
export function imageShape(
  layer: tf.layers.Layer,
  { shape }: Value,
): { channels: number; height: number; width: number } {
  const [, channels, height, width] = shape;
  if (shape.length !== 4 || typeof channels !== 'number' || typeof height !== 'number' || typeof width !== 'number') {
    throw new UnsupportedLayer(layer, `an input of shape [${shape.join(', ')}]`);
  }
  return { channels, height, width };
}

/** Image values from [N, C, H, W] to Keras's [N, H, W, C]; others unchanged. One that was in this layout before is found again. */
export function toKeras(builder: GraphBuilder, value: Value): Value {
  if (value.shape.length !== 4) return value;
  const known = builder.channelsLast.get(value.name);
  if (known !== undefined) return known;
  const last = permute(builder, value, [0, 2, 3, 1]);
  sameImage(builder, value, last);
  return last;
}

/** Image values from Keras's [N, H, W, C] to [N, C, H, W]; others unchanged. One that was in this layout before is found again. */
export function fromKeras(builder: GraphBuilder, value: Value): Value {
  if (value.shape.length !== 4) return value;
  const known = builder.channelsFirst.get(value.name);
  if (known !== undefined) return known;
  const first = permute(builder, value, [0, 3, 1, 2]);
  sameImage(builder, first, value);
  return first;
}

function sameImage(builder: GraphBuilder, first: Value, last: Value): void {
  builder.channelsLast.set(first.name, last);
  builder.channelsFirst.set(last.name, first);
}

/**
 * An operation that treats all values alike, in the layout that its images already have: to transpose them would cost another
 * pass. `f` gets the images and the axis of their channels.
 */
export function inPlace(
  builder: GraphBuilder,
  inputs: readonly Value[],
  f: (inputs: readonly Value[], channels: number) => Value,
): Value {
  const last = inputs.flatMap(({ name }) => builder.channelsLast.get(name) ?? []);
  return last.length === inputs.length ? fromKeras(builder, f(last, 3)) : f(inputs, 1);
}

/** An axis of Keras as the axis of our value. */
export function axisOf(axis: number, rank: number): number {
  const positive = axis < 0 ? axis + rank : axis;
  return rank === 4 ? ([0, 2, 3, 1][positive] ?? positive) : positive;
}
