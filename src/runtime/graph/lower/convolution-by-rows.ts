import { present } from '../../../common/errors.js';
import type { Geometry } from '../geometry.js';
import type { CustomGradient } from '../gradients/rule.js';
import { reshape, swapped, type GraphBuilder, type Value } from '../ir.js';

/**
 * Whether a convolution is faster as one product over all places of the batch than image by image: where there are more
 * weights than a small map has places to keep them busy. A stride with a larger kernel has no such gradient.
 */
export function isByRows(
  { device }: GraphBuilder,
  channels: number,
  filters: number,
  { kernel, strides, output }: Geometry,
): boolean {
  return device.isSmallMap({ channels, filters, output }) && (isOne(kernel) || isOne(strides));
}

/**
 * A convolution as a product of matrices: a row for each place, [N · height · width, kh · kw · channels], times the weights as
 * Keras has them. Neither pass transposes anything.
 *
 * @param x [N, H, W, channels]
 * @param weight [kh · kw · channels, filters]
 * @param bias [filters]
 * @returns [N, height, width, filters]
 */
export function convolutionByRows(
  b: GraphBuilder,
  x: Value,
  weight: Value,
  bias: Value | undefined,
  geometry: Geometry,
  custom: (gradient: CustomGradient) => void,
): Value {
  const start = b.nodes.length;
  const rows = rowsOf(b, x, geometry, 'forward');
  const y = product(b, rows, weight, bias, geometry);
  // For a larger kernel the rules of the parts would add up nine maps: dX is a convolution of dY as well.
  if (!isOne(geometry.kernel))
    custom({
      output: y,
      inputs: [x, weight, ...(bias === undefined ? [] : [bias])],
      nodes: [start, b.nodes.length],
      rule: (dy) => {
        const filters = Number(weight.shape[1]);
        const dyRows = reshape(b, dy, ['N', filters]);
        return [
          inputGradient(b, dy, weight, x, geometry),
          b.op('Gemm', [rows, dyRows], { transA: 1 }, weight.shape),
          b.op('ReduceSum', [dyRows, b.int64([0])], { keepdims: 0 }, [filters]),
        ];
      },
    });
  return y;
}

function product(b: GraphBuilder, rows: Value, weight: Value, bias: Value | undefined, { output }: Geometry): Value {
  const filters = Number(weight.shape[1]);
  const y = b.op('Gemm', bias === undefined ? [rows, weight] : [rows, weight, bias], {}, ['N', filters]);
  return reshape(b, y, ['N', ...output, filters]);
}

/** What each place sees, position after position of the kernel, or in the other order. */
function rowsOf(b: GraphBuilder, x: Value, g: Geometry, order: 'forward' | 'reversed'): Value {
  const [n = 'N', height = 1, width = 1, channels = 1] = x.shape;
  const [top, left, bottom, right] = g.pads;
  const [oh, ow] = g.output;
  const padded = g.pads.every((pad) => pad === 0)
    ? x
    : b.op('Pad', [x, b.int64([0, top, left, 0, 0, bottom, right, 0])], {}, [
        n,
        Number(height) + top + bottom,
        Number(width) + left + right,
        channels,
      ]);
  const positions = Array.from({ length: g.kernel[0] * g.kernel[1] }, (_, i) => [
    Math.floor(i / g.kernel[1]) * g.dilations[0],
    (i % g.kernel[1]) * g.dilations[1],
  ]);
  if (order === 'reversed') positions.reverse();
  const seen = positions.map(([y = 0, z = 0]) => {
    if (padded.shape[1] === oh && padded.shape[2] === ow) return padded;
    const ends = b.int64([y + (oh - 1) * g.strides[0] + 1, z + (ow - 1) * g.strides[1] + 1]);
    return b.op('Slice', [padded, b.int64([y, z]), ends, b.int64([1, 2]), b.int64(g.strides)], {}, [
      n,
      oh,
      ow,
      channels,
    ]);
  });
  const depth = positions.length * Number(channels);
  const all =
    seen.length === 1 ? present(seen[0], 'A position') : b.op('Concat', seen, { axis: 3 }, [n, oh, ow, depth]);
  return reshape(b, all, ['N', depth]);
}

/** With stride 1: the convolution of dY with the kernel turned around, its channels and filters swapped. */
function inputGradient(b: GraphBuilder, dy: Value, weight: Value, x: Value, g: Geometry): Value {
  const [, height, width, channels] = x.shape.map(Number);
  const [positions, filters] = [g.kernel[0] * g.kernel[1], Number(weight.shape[1])];
  const depth = Number(channels);
  const parts = reshape(b, weight, [positions, depth, filters]);
  const turned = swapped(b, parts);
  const extent = g.kernel.map((size, i) => (size - 1) * (g.dilations[i] ?? 1));
  const geometry: Geometry = {
    ...g,
    strides: [1, 1],
    pads: g.pads.map((pad, i) => (extent[i % 2] ?? 0) - pad) as unknown as Geometry['pads'],
    output: [Number(height), Number(width)],
  };
  return product(
    b,
    rowsOf(b, dy, geometry, 'reversed'),
    reshape(b, turned, [positions * filters, depth]),
    undefined,
    geometry,
  );
}

function isOne([a, b]: readonly [number, number]): boolean {
  return a === 1 && b === 1;
}
