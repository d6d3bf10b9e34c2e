// More than 300 lines: the gradients of one operator, which share its geometry.
import { present } from '../../../common/errors.js';
import type { Geometry } from '../geometry.js';
import { reshape, type GraphBuilder, type Node, type Shape, type Value } from '../ir.js';
import { NoGradient, type Rule, type Rules } from './rule.js';

/** The attributes of a Conv node and its sizes, as numbers. */
interface NodeGeometry extends Geometry {
  readonly groups: number;
  /** Channels and size of the input. */
  readonly channels: number;
  readonly size: readonly [number, number];
  readonly filters: number;
  readonly batch: Shape[number];
}

function geometryOf(node: Node, x: Value, y: Value): NodeGeometry {
  const numbers = (name: string) => node.attributes[name] as readonly number[];
  const pair = (values: readonly unknown[]) => [Number(values[0]), Number(values[1])] as const;
  return {
    kernel: pair(numbers('kernel_shape')),
    strides: pair(numbers('strides')),
    dilations: pair(numbers('dilations')),
    pads: numbers('pads') as unknown as Geometry['pads'],
    groups: Number(node.attributes['group']),
    channels: Number(x.shape[1]),
    size: pair(x.shape.slice(2)),
    filters: Number(y.shape[1]),
    output: pair(y.shape.slice(2)),
    batch: x.shape[0] ?? 'N',
  };
}

export const convolutionRules: Rules = {
  ConvTranspose: (context) => transposedRule(context),
  Conv: ({ builder, node, inputs: [x, w, bias], outputs, dy, wants }) => {
    if (x === undefined || w === undefined) return [];
    const geometry = geometryOf(node, x, present(outputs[0], 'y'));
    const depthwise = geometry.groups > 1;
    if (geometry.groups > 1 && geometry.groups !== geometry.channels)
      throw new NoGradient('a convolution in groups of several channels has no gradient');
    if (isPointwise(geometry)) {
      return [
        wants(0) ? pointwiseInputGradient(builder, dy, w, x.shape, geometry) : undefined,
        wants(1) ? pointwiseWeightGradient(builder, x, dy, w, geometry) : undefined,
        bias && wants(2) ? biasGradient(builder, dy, bias) : undefined,
      ];
    }
    const weight = () => {
      if (!depthwise) return weightGradient(builder, x, dy, w, geometry);
      // A small part of the products of all columns with all columns is wanted.
      const narrow = geometry.filters === geometry.channels && geometry.output[1] <= builder.device.widestByColumns;
      return (narrow ? depthwiseWeightGradient : groupedWeightGradient)(builder, x, dy, w, geometry);
    };
    return [
      wants(0) ? inputGradient(builder, dy, w, x.shape, geometry) : undefined,
      wants(1) ? weight() : undefined,
      bias && wants(2) ? biasGradient(builder, dy, bias) : undefined,
    ];
  },
};

/** The other way around: dX is a convolution of dY, and for dW image and gradient change places. */
const transposedRule: Rule = ({ builder: b, node, inputs: [x, w, bias], outputs, dy, wants }) => {
  if (x === undefined || w === undefined) return [];
  const geometry = geometryOf(node, present(outputs[0], 'y'), x);
  const { kernel, strides, dilations, pads, groups: group } = geometry;
  if (group !== 1) throw new NoGradient('a grouped ConvTranspose has no gradient');
  return [
    wants(0) ? b.op('Conv', [dy, w], { kernel_shape: kernel, strides, dilations, pads, group }, x.shape) : undefined,
    wants(1) ? weightGradient(b, dy, x, w, geometry) : undefined,
    bias && wants(2) ? biasGradient(b, dy, bias) : undefined,
  ];
};

function biasGradient(b: GraphBuilder, dy: Value, bias: Value): Value {
  return b.op('ReduceSum', [dy, b.int64([0, 2, 3])], { keepdims: 0 }, bias.shape);
}

/** A 1 × 1 convolution at every place: y = W x, a product of matrices. */
function isPointwise({ kernel, strides, pads, groups }: NodeGeometry): boolean {
  return groups === 1 && [...kernel, ...strides].every((size) => size === 1) && pads.every((size) => size === 0);
}

/** dX = Wᵀ dY. */
function pointwiseInputGradient(b: GraphBuilder, dy: Value, w: Value, shape: Shape, g: NodeGeometry): Value {
  const places = g.output[0] * g.output[1];
  const weight = reshape(b, w, [g.filters, g.channels]);
  if (!b.device.isSmallMap(g)) {
    const product = b.op('com.microsoft.FusedMatMul', [weight, columns(b, dy, g.filters, places)], { transA: 1 }, [
      g.batch,
      g.channels,
      places,
    ]);
    return reshape(b, product, shape);
  }
  const product = b.op('Gemm', [weight, joined(b, dy, g.filters, g)], { transA: 1 }, [g.channels, 'N']);
  const apart = b.op('Reshape', [product, b.int64([g.channels, -1, ...g.output])], {}, [
    g.channels,
    g.batch,
    ...g.output,
  ]);
  return b.op('Transpose', [apart], { perm: [1, 0, 2, 3] }, shape);
}

/** dW = Σ dY Xᵀ. */
function pointwiseWeightGradient(b: GraphBuilder, x: Value, dy: Value, w: Value, g: NodeGeometry): Value {
  return b.device.isSmallMap(g) ? weightGradient(b, x, dy, w, g) : productOverPlaces(b, dy, x, w, g, g.channels);
}

/** [N, rows, places]. */
function columns(b: GraphBuilder, x: Value, rows: number, places: number): Value {
  return reshape(b, x, [x.shape[0] ?? 'N', rows, places]);
}

/** [rows, N · places]. */
function joined(b: GraphBuilder, x: Value, rows: number, g: NodeGeometry): Value {
  const swapped = b.op('Transpose', [x], { perm: [1, 0, 2, 3] }, [rows, g.batch, ...g.output]);
  return matrix(b, swapped, rows);
}

/**
 * dX. With stride 1 and one filter per channel: a forward convolution of dY with the reversed kernel, which has faster code
 * than a transposed one. Otherwise the transposed convolution.
 */
function inputGradient(b: GraphBuilder, dy: Value, w: Value, shape: Shape, g: NodeGeometry): Value {
  const extent = g.kernel.map((k, i) => (k - 1) * (g.dilations[i] ?? 1));
  const attributes = { kernel_shape: g.kernel, dilations: g.dilations, group: g.groups };
  if (g.groups > 1 && g.groups === g.filters && g.strides.every((stride) => stride === 1)) {
    const ends = b.int64([-1_000_000, -1_000_000]);
    const reversed = b.op('Slice', [w, b.int64([-1, -1]), ends, b.int64([2, 3]), b.int64([-1, -1])], {}, w.shape);
    const pads = g.pads.map((pad, i) => (extent[i % 2] ?? 0) - pad);
    return b.op('Conv', [dy, reversed], { ...attributes, strides: [1, 1], pads }, shape);
  }
  // The rows and columns at the end that no window reached.
  const rest = g.size.map(
    (size, i) =>
      size +
      (g.pads[i] ?? 0) +
      (g.pads[i + 2] ?? 0) -
      ((g.output[i] ?? 1) - 1) * (g.strides[i] ?? 1) -
      (extent[i] ?? 0) -
      1,
  );
  return b.op(
    'ConvTranspose',
    [dy, w],
    { ...attributes, strides: g.strides, pads: g.pads, output_padding: rest },
    shape,
  );
}

/**
 * dW of an ordinary convolution, [filters, channels, kh, kw]: for each position of the kernel, dY times what that position
 * saw, as one matrix product over batch and places.
 */
function weightGradient(b: GraphBuilder, x: Value, dy: Value, w: Value, g: NodeGeometry): Value {
  const [kh, kw] = g.kernel;
  const [oh, ow] = g.output;
  if (kh * kw > 1 && g.channels * kh * kw <= 64) return patchWeightGradient(b, x, dy, w, g);
  const padded = pad(b, x, g);
  const [height, width] = [g.size[0] + g.pads[0] + g.pads[2], g.size[1] + g.pads[1] + g.pads[3]];
  // Channels first, then batch and places: rows of the two factors.
  const rows = b.op('Transpose', [padded], { perm: [1, 0, 2, 3] }, [g.channels, g.batch, height, width]);
  const dyRows = joined(b, dy, g.filters, g);
  const parts: Value[] = [];
  for (let i = 0; i < kh; i++) {
    for (let j = 0; j < kw; j++) {
      const [top, left] = [i * g.dilations[0], j * g.dilations[1]];
      const whole = kh * kw === 1 && g.strides[0] === 1 && g.strides[1] === 1 && height === oh && width === ow;
      const ends = b.int64([top + (oh - 1) * g.strides[0] + 1, left + (ow - 1) * g.strides[1] + 1]);
      const seen = whole
        ? rows
        : b.op('Slice', [rows, b.int64([top, left]), ends, b.int64([2, 3]), b.int64(g.strides)], {}, [
            g.channels,
            g.batch,
            oh,
            ow,
          ]);
      const product = b.op('Gemm', [dyRows, matrix(b, seen, g.channels)], { transB: 1 }, [g.filters, g.channels]);
      parts.push(b.op('Reshape', [product, b.int64([g.filters, g.channels, 1])], {}, [g.filters, g.channels, 1]));
    }
  }
  const all =
    parts.length === 1 ? present(parts[0], 'dW') : b.op('Concat', parts, { axis: 2 }, [g.filters, g.channels, kh * kw]);
  return b.op('Reshape', [all, b.int64([g.filters, g.channels, kh, kw])], {}, w.shape);
}

/**
 * dW of a convolution of few channels, as the first of a network is: dY times what each place saw. A convolution whose filters
 * each look at one number writes that in one pass.
 */
function patchWeightGradient(b: GraphBuilder, x: Value, dy: Value, w: Value, g: NodeGeometry): Value {
  const depth = g.channels * g.kernel[0] * g.kernel[1];
  const identity = new Float32Array(depth * depth);
  for (let i = 0; i < depth; i++) identity[i * depth + i] = 1;
  const looks = b.constant(identity, [depth, g.channels, ...g.kernel]);
  const attributes = { kernel_shape: g.kernel, strides: g.strides, dilations: g.dilations, pads: g.pads, group: 1 };
  const seen = b.op('Conv', [x, looks], attributes, [g.batch, depth, ...g.output]);
  return productOverPlaces(b, dy, seen, w, g, depth);
}

/** Σ over batch and places of dY times `seen`, [N, depth, places], in the shape of the weights. */
function productOverPlaces(b: GraphBuilder, dy: Value, seen: Value, w: Value, g: NodeGeometry, depth: number): Value {
  const places = g.output[0] * g.output[1];
  const operands = [columns(b, dy, g.filters, places), columns(b, seen, depth, places)];
  const product = b.op('com.microsoft.FusedMatMul', operands, { transB: 1 }, [g.batch, g.filters, depth]);
  const sum = b.op('ReduceSum', [product, b.int64([0])], { keepdims: 0 }, [g.filters, depth]);
  return reshape(b, sum, w.shape);
}

/**
 * dW of a depthwise convolution with a filter per channel. For each row of the kernel, a product of matrices brings together
 * all columns of dY and all of x; those that a column of the kernel brings together lie on a diagonal, whose sum is wanted.
 * The padding adds nothing.
 */
function depthwiseWeightGradient(b: GraphBuilder, x: Value, dy: Value, w: Value, g: NodeGeometry): Value {
  const [kh, kw] = g.kernel;
  const byChannel = (image: Value, [height, width]: readonly [number, number]) =>
    b.op('Transpose', [image], { perm: [1, 0, 2, 3] }, [g.channels, g.batch, height, width]);
  const [images, gradients] = [byChannel(x, g.size), byChannel(dy, g.output)];
  const diagonals = b.constant(diagonalsOf(g), [g.output[1] * g.size[1], kw]);
  const rows = Array.from({ length: kh }, (_, i) => {
    // Rows y of dY whose row of x, y · stride + offset, is there.
    const offset = i * g.dilations[0] - g.pads[0];
    const first = Math.max(0, Math.ceil(-offset / g.strides[0]));
    const end = Math.min(g.output[0], Math.floor((g.size[0] - 1 - offset) / g.strides[0]) + 1);
    if (end <= first) return b.constant(new Float32Array(g.channels * kw), [g.channels, kw]);
    const start = first * g.strides[0] + offset;
    const left = rowsOf(b, gradients, first, end, 1);
    const right = rowsOf(b, images, start, start + (end - first - 1) * g.strides[0] + 1, g.strides[0]);
    const all = b.op('com.microsoft.FusedMatMul', [left, right], { transA: 1 }, [g.channels, g.output[1], g.size[1]]);
    const flat = reshape(b, all, [g.channels, g.output[1] * g.size[1]]);
    return b.op('Gemm', [flat, diagonals], {}, [g.channels, kw]);
  });
  const together = kh === 1 ? present(rows[0], 'dW') : b.op('Concat', rows, { axis: 1 }, [g.channels, kh * kw]);
  return b.op('Reshape', [together, b.int64([g.channels, 1, kh, kw])], {}, w.shape);
}

/** Rows of images [C, N, H, W], as [C, N · rows, W]. ONNX Runtime's Gather uses all threads, its Slice one. */
function rowsOf(b: GraphBuilder, x: Value, start: number, end: number, step: number): Value {
  const [channels = 1, n = 'N', height = 1, width = 1] = x.shape;
  const count = Math.floor((end - start - 1) / step) + 1;
  const rows = b.int64(Array.from({ length: count }, (_, i) => start + i * step));
  const taken = count === height ? x : b.op('Gather', [x, rows], { axis: 2 }, [channels, n, count, width]);
  return reshape(b, taken, [channels, 'N', width]);
}

/** [width of dY · width of x, kw]: 1 where this column of the kernel brings the two together. */
function diagonalsOf({ output: [, width], size: [, from], kernel: [, kw], strides, dilations, pads }: NodeGeometry) {
  const ones = new Float32Array(width * from * kw);
  for (let q = 0; q < width; q++)
    for (let j = 0; j < kw; j++) {
      const column = q * strides[1] + j * dilations[1] - pads[1];
      if (column >= 0 && column < from) ones[(q * from + column) * kw + j] = 1;
    }
  return ones;
}

/**
 * dW of a depthwise convolution: one grouped convolution, a group per channel, in which the batch takes the place of the
 * channels, dY that of the kernels, and stride and dilation change places.
 */
function groupedWeightGradient(b: GraphBuilder, x: Value, dy: Value, w: Value, g: NodeGeometry): Value {
  const swapped = b.op('Transpose', [x], { perm: [1, 0, 2, 3] }, [g.channels, g.batch, ...g.size]);
  const flat = b.op('Reshape', [swapped, b.int64([1, -1, ...g.size])], {}, [1, 'N', ...g.size]);
  const kernels = b.op('Transpose', [dy], { perm: [1, 0, 2, 3] }, [g.filters, g.batch, ...g.output]);
  const seen = g.size.map(
    (size, i) =>
      Math.floor(
        (size + (g.pads[i] ?? 0) + (g.pads[i + 2] ?? 0) - ((g.output[i] ?? 1) - 1) * (g.strides[i] ?? 1) - 1) /
          (g.dilations[i] ?? 1),
      ) + 1,
  );
  const attributes = {
    kernel_shape: g.output,
    strides: g.dilations,
    dilations: g.strides,
    pads: g.pads,
    group: g.channels,
  };
  const all = b.op('Conv', [flat, kernels], attributes, [1, g.filters, ...seen]);
  const needed = seen.every((size, i) => size === g.kernel[i])
    ? all
    : b.op('Slice', [all, b.int64([0, 0]), b.int64(g.kernel), b.int64([2, 3])], {}, [1, g.filters, ...g.kernel]);
  return b.op('Reshape', [needed, b.int64([g.filters, 1, ...g.kernel])], {}, w.shape);
}

function pad(
  b: GraphBuilder,
  x: Value,
  { pads: [top, left, bottom, right], channels, size, batch }: NodeGeometry,
): Value {
  if (top + left + bottom + right === 0) return x;
  return b.op('Pad', [x, b.int64([0, 0, top, left, 0, 0, bottom, right])], {}, [
    batch,
    channels,
    size[0] + top + bottom,
    size[1] + left + right,
  ]);
}

/** [rows, everything else]. */
function matrix(b: GraphBuilder, x: Value, rows: number): Value {
  return reshape(b, x, [rows, 'N']);
}
