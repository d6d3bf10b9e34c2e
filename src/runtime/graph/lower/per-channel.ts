import { binary, reshape, type GraphBuilder, type Value } from '../ir.js';

/**
 * Operations with one number per channel, [C], on a value whose channels lie along its second axis, [N, C] or [N, C, H, W], or
 * along its last, [N, H, W, C]. Each goes over the places as seldom as ONNX Runtime's kernels allow.
 */
export class PerChannel {
  readonly channels: number;
  /** The places of an image as [N, C, H, W]. Undefined: the channels come last. */
  readonly #places: number | undefined;

  constructor(
    private readonly b: GraphBuilder,
    { shape }: Value,
    along: number,
  ) {
    this.channels = Number(shape[along]);
    this.#places = along === shape.length - 1 ? undefined : Number(shape[2]) * Number(shape[3]);
  }

  /** Σ x over everything but the channels. */
  sum(x: Value): Value {
    if (this.#places === undefined) return this.#overFirst(this.#rows(x));
    return this.#overFirst(this.b.op('ReduceSum', [x, this.b.int64([2, 3])], { keepdims: 0 }, this.#perImage(x)));
  }

  /** Σ x z. */
  dot(x: Value, z: Value): Value {
    const { b } = this;
    if (this.#places === undefined) return this.sum(binary(b, 'Mul', x, z));
    const [n = 'N'] = x.shape;
    const shape = [n, this.channels, 1, this.#places];
    const operands = [reshape(b, x, shape), reshape(b, z, shape)];
    const products = b.op('com.microsoft.FusedMatMul', operands, { transB: 1 }, [n, this.channels, 1, 1]);
    return this.#overFirst(reshape(b, products, this.#perImage(x)));
  }

  /** How many numbers each channel has, []. */
  count(x: Value): Value {
    const { b } = this;
    const size = b.op('Size', [x], {}, [], 'int64');
    return binary(b, 'Div', b.op('Cast', [size], { to: 1 }, []), b.scalar(this.channels));
  }

  /** scale · x + offset. Where the places come last, a depthwise convolution of one place: one pass, with the ReLU that follows. */
  affine(x: Value, scale: Value, offset: Value): Value {
    const { b, channels } = this;
    if (this.#places === undefined) return binary(b, 'Add', binary(b, 'Mul', x, scale), offset);
    const attributes = {
      kernel_shape: [1, 1],
      strides: [1, 1],
      dilations: [1, 1],
      pads: [0, 0, 0, 0],
      group: channels,
    };
    return b.op('Conv', [x, reshape(b, scale, [channels, 1, 1, 1]), offset], attributes, x.shape);
  }

  /** A number per channel, in the shape that broadcasts to the value. */
  spread(numbers: Value): Value {
    return this.#places === undefined ? numbers : reshape(this.b, numbers, [this.channels, 1, 1]);
  }

  #rows(x: Value): Value {
    return x.shape.length === 2 ? x : reshape(this.b, x, ['N', this.channels]);
  }

  #perImage(x: Value) {
    return [x.shape[0] ?? 'N', this.channels];
  }

  #overFirst(x: Value): Value {
    return this.b.op('ReduceSum', [x, this.b.int64([0])], { keepdims: 0 }, [this.channels]);
  }
}
