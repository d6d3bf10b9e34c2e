import assert from 'node:assert/strict';
import { test } from 'node:test';

import { backward } from '../../../src/runtime/graph/gradients/backward.js';
import type { CustomGradient } from '../../../src/runtime/graph/gradients/rule.js';
import { GraphBuilder, type Node, type Value } from '../../../src/runtime/graph/ir.js';
import type { Geometry } from '../../../src/runtime/graph/geometry.js';
import { convolutionByRows } from '../../../src/runtime/graph/lower/convolution-by-rows.js';
import { openSession } from '../../../src/runtime/engines/session.js';
import { normalizeBatch } from '../../../src/runtime/graph/lower/batch-normalization.js';
import { noise, relativeDifference } from '../../support/made-up.js';
import {
  alongRows,
  conv,
  convTranspose,
  elementwise,
  matmul,
  mean,
  moved,
  pool,
  type Numbers,
  type Window,
} from '../../support/reference.js';

/**
 * Every gradient rule, in float32 in ONNX Runtime, against central differences of the operator's own definition in float64.
 */
interface Case {
  /** An operator, or a stretch of nodes that brings its own gradient. */
  readonly op: string | ((b: GraphBuilder, inputs: readonly Value[], custom: CustomGradient[]) => Value);
  /** Shapes of the inputs that get a gradient; made-up numbers in [−1, 1). */
  readonly inputs: readonly (readonly number[])[];
  readonly attributes?: Node['attributes'];
  /** Inputs after those. */
  readonly constants?: (b: GraphBuilder) => (Value | undefined)[];
  /** Outputs besides the first. */
  readonly more?: readonly (readonly number[])[];
  /** Made-up numbers are changed by this before: into the operator's domain, or away from a kink. */
  readonly domain?: (value: number) => number;
  readonly reference: (...inputs: Numbers[]) => Numbers;
}

const window = (overrides: Partial<Window> = {}): Window => ({
  kernel: [3, 3],
  strides: [1, 1],
  dilations: [1, 1],
  pads: [1, 1, 1, 1],
  ...overrides,
});
const attributesOf = ({ kernel, ...rest }: Window, more: Node['attributes'] = {}) => ({
  kernel_shape: kernel,
  ...rest,
  ...more,
});

const convolution = (w: Window, x: readonly number[], kernel: readonly number[], groups = 1, bias = false): Case => ({
  op: 'Conv',
  inputs: [x, kernel, ...(bias ? [[kernel[0] ?? 1]] : [])],
  attributes: attributesOf(w, { group: groups }),
  reference: conv(w, groups),
});
const transposed = (
  w: Window,
  x: readonly number[],
  kernel: readonly number[],
  size: readonly [number, number],
  rest: readonly number[],
): Case => ({
  op: 'ConvTranspose',
  inputs: [x, kernel],
  attributes: attributesOf(w, { group: 1, output_padding: rest }),
  reference: convTranspose(w, size),
});
const unary = (op: string, f: (x: number) => number, more: Partial<Case> = {}): Case => ({
  op,
  inputs: [[2, 3, 4]],
  reference: elementwise(f),
  ...more,
});
const binary = (op: string, f: (a: number, b: number) => number, a: readonly number[], b: readonly number[]): Case => ({
  op,
  inputs: [a, b],
  domain: op === 'Div' ? (value) => value + (value < 0 ? -1 : 1) : (value) => value,
  reference: elementwise(f),
});
const pooling = (
  op: string,
  w: Window,
  x: readonly number[],
  summary: (values: readonly number[]) => number,
): Case => ({
  op,
  inputs: [x],
  attributes: { kernel_shape: w.kernel, strides: w.strides, pads: w.pads },
  reference: pool(w, summary),
});
/** Images are [N, H, W, C] here, and the kernel is as in Keras; the reference takes them the other way. */
const byRows = (
  w: Window,
  x: readonly [number, number, number, number],
  filters: number,
  output: readonly [number, number],
): Case => {
  const [n, height, width, channels] = x;
  const geometry: Geometry = { ...w, pads: w.pads as Geometry['pads'], output };
  const [kh, kw] = w.kernel;
  return {
    op: (b, [image, kernel, bias], custom) => {
      assert.ok(image && kernel);
      return convolutionByRows(b, image, kernel, bias, geometry, (gradient) => custom.push(gradient));
    },
    inputs: [x, [kh * kw * channels, filters], [filters]],
    reference: (image, kernel, bias) => {
      const first = moved([n, channels, height, width], ([i = 0, c = 0, y = 0, z = 0]) => [i, y, z, c])(image);
      const weights = moved([filters, channels, kh, kw], ([f = 0, c = 0, i = 0, j = 0]) => [
        (i * kw + j) * channels + c,
        f,
      ])(kernel);
      return moved([n, ...output, filters], ([i = 0, y = 0, z = 0, f = 0]) => [i, f, y, z])(
        conv(w)(first, weights, bias),
      );
    },
  };
};
/** By the statistics of the batch itself, channels along an axis. */
const normalization = (x: readonly number[], along: number, domain: (value: number) => number): Case => {
  const channels = x[along] ?? 1;
  const perChannel = x.map((_, i) => (i === along ? channels : 1));
  return {
    op: (b, [image, gammas, betas], custom) => {
      assert.ok(image && gammas && betas);
      const context = { builder: b, custom: (gradient: CustomGradient) => custom.push(gradient) };
      return normalizeBatch(image, undefined, along, gammas, betas, 0.01, context).y;
    },
    inputs: [x, [channels], [channels]],
    domain,
    reference: (image, gammas, betas) => {
      const after = x.slice(along + 1).reduce((product, size) => product * size, 1);
      const groups = Array.from({ length: channels }, (_, c) =>
        Array.from(image.data).filter((_, i) => Math.floor(i / after) % channels === c),
      );
      const spread = (data: ArrayLike<number>) => ({ data: Float64Array.from(data), shape: perChannel });
      const deviations = groups.map((group) =>
        Math.sqrt(mean(group.map((value) => (value - mean(group)) ** 2)) + 0.01),
      );
      return elementwise((value, m, d, g, o) => ((value - m) / d) * g + o)(
        image,
        spread(groups.map(mean)),
        spread(deviations),
        spread(gammas.data),
        spread(betas.data),
      );
    },
  };
};
/** Abramowitz and Stegun's series: erf x = 2/√π Σ (−1)ⁿ x²ⁿ⁺¹ / (n! (2n + 1)). */
const erf = (x: number): number => {
  let [sum, term] = [0, x];
  for (let n = 0; n < 40; n++) {
    sum += term / (2 * n + 1);
    term *= -(x * x) / (n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
};
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const largest = (values: readonly number[]) => Math.max(...values);
const awayFromZero = (value: number) => value + (value < 0 ? -0.05 : 0.05);
const [alpha, gamma] = [1.6732632423543772, 1.0507009873554805];
const scalars =
  (...values: number[]) =>
  (b: GraphBuilder) =>
    values.map((value) => b.scalar(value));

const cases: Record<string, Case> = {
  'conv same': convolution(window(), [2, 3, 5, 6], [4, 3, 3, 3], 1, true),
  'conv stride 2': convolution(window({ strides: [2, 2], pads: [0, 0, 1, 1] }), [2, 3, 6, 7], [4, 3, 3, 3]),
  'conv dilated': convolution(window({ dilations: [2, 2], pads: [2, 2, 2, 2] }), [2, 3, 6, 5], [4, 3, 3, 3]),
  'conv 5×3 valid': convolution(
    window({ kernel: [5, 3], strides: [2, 1], pads: [0, 0, 0, 0] }),
    [2, 3, 8, 5],
    [4, 3, 5, 3],
  ),
  'conv 1×1': convolution(window({ kernel: [1, 1], pads: [0, 0, 0, 0] }), [2, 3, 5, 4], [4, 3, 1, 1]),
  'conv 1×1 on a small map': convolution(window({ kernel: [1, 1], pads: [0, 0, 0, 0] }), [3, 6, 1, 2], [7, 6, 1, 1]),
  'conv 1×1 stride 2': convolution(
    window({ kernel: [1, 1], strides: [2, 2], pads: [0, 0, 0, 0] }),
    [2, 3, 5, 6],
    [4, 3, 1, 1],
  ),
  'conv by rows': byRows(window(), [2, 4, 3, 5], 6, [4, 3]),
  'conv by rows, dilated, uneven': byRows(
    window({ kernel: [3, 2], dilations: [2, 1], pads: [2, 0, 1, 1] }),
    [2, 5, 4, 3],
    4,
    [4, 4],
  ),
  'conv by rows 1×1 stride 2': byRows(
    window({ kernel: [1, 1], strides: [2, 2], pads: [0, 0, 0, 0] }),
    [3, 5, 4, 6],
    7,
    [3, 2],
  ),
  depthwise: convolution(window(), [2, 3, 5, 6], [3, 1, 3, 3], 3),
  'depthwise stride 2': convolution(window({ strides: [2, 2], pads: [0, 0, 1, 1] }), [2, 3, 6, 6], [3, 1, 3, 3], 3),
  'depthwise dilated': convolution(window({ dilations: [2, 2], pads: [2, 2, 2, 2] }), [2, 3, 6, 5], [3, 1, 3, 3], 3),
  'depthwise on one place': convolution(window(), [3, 4, 1, 1], [4, 1, 3, 3], 4),
  'depthwise on a wide map': convolution(window(), [1, 2, 3, 60], [2, 1, 3, 3], 2),
  'depthwise 5×3, uneven': convolution(
    window({ kernel: [5, 3], strides: [2, 1], pads: [1, 0, 2, 1] }),
    [2, 3, 7, 5],
    [3, 1, 5, 3],
    3,
  ),
  'depthwise multiplier 2': convolution(window(), [2, 3, 4, 5], [6, 1, 3, 3], 3),
  'conv transpose': transposed(window(), [2, 3, 4, 5], [3, 4, 3, 3], [4, 5], [0, 0]),
  'conv transpose stride 2': transposed(
    window({ strides: [2, 2], pads: [0, 0, 1, 1] }),
    [2, 3, 3, 4],
    [3, 4, 3, 3],
    [6, 8],
    [0, 0],
  ),
  'max pool': pooling('MaxPool', window({ strides: [2, 2], pads: [0, 0, 1, 1] }), [2, 3, 6, 6], largest),
  'average pool': pooling('AveragePool', window({ strides: [2, 2], pads: [1, 0, 1, 1] }), [2, 3, 5, 6], mean),
  'global average pool': {
    op: 'GlobalAveragePool',
    inputs: [[2, 3, 4, 5]],
    reference: pool(window({ kernel: [4, 5], pads: [0, 0, 0, 0] }), mean),
  },
  'global max pool': {
    op: 'GlobalMaxPool',
    inputs: [[2, 3, 4, 5]],
    reference: pool(window({ kernel: [4, 5], pads: [0, 0, 0, 0] }), largest),
  },
  gemm: {
    op: 'Gemm',
    inputs: [[3, 4], [4, 5], [5]],
    reference: (x, w, c) => elementwise((a, b) => a + b)(matmul(x, w), c),
  },
  matmul: {
    op: 'MatMul',
    inputs: [
      [2, 3, 4],
      [2, 4, 5],
    ],
    reference: matmul,
  },
  'matmul, weights broadcast': {
    op: 'MatMul',
    inputs: [
      [2, 3, 4],
      [4, 5],
    ],
    reference: matmul,
  },
  'matmul, batches broadcast': {
    op: 'MatMul',
    inputs: [
      [2, 1, 3, 4],
      [1, 3, 4, 2],
    ],
    reference: matmul,
  },
  'batch normalization': {
    op: 'BatchNormalization',
    inputs: [[3, 2, 2, 2], [2], [2]],
    attributes: { epsilon: { float: 0.01 } },
    constants: (b) => [b.constant(Float32Array.of(0.25, -0.5), [2]), b.constant(Float32Array.of(0.5, 2), [2])],
    reference: (x, scale, offset) => {
      const spread = (values: ArrayLike<number>) => ({ data: Float64Array.from(values), shape: [2, 1, 1] });
      return elementwise((a, g, o, m, v) => ((a - m) / Math.sqrt(v + 0.01)) * g + o)(
        x,
        spread(scale.data),
        spread(offset.data),
        spread([0.25, -0.5]),
        spread([0.5, 2]),
      );
    },
  },
  'batch normalization by the batch': normalization([3, 2, 4, 3], 1, (value) => value),
  'batch normalization by the batch, channels last': normalization([3, 4, 3, 2], 3, (value) => value),
  'batch normalization by the batch, of vectors': normalization([9, 4], 1, (value) => value),
  // In float32, E[x²] − E[x]² would be wrong in the second digit.
  'batch normalization by the batch, far from zero': normalization([3, 2, 4, 3], 1, (value) => value + 300),
  'layer normalization': {
    op: 'LayerNormalization',
    inputs: [[2, 3, 4], [4], [4]],
    attributes: { axis: -1, epsilon: { float: 0.01 } },
    more: [
      [2, 3, 1],
      [2, 3, 1],
    ],
    reference: (x, scale, offset) =>
      elementwise((a, g, o) => a * g + o)(
        alongRows((row) => {
          const deviation = Math.sqrt(mean(row.map((value) => (value - mean(row)) ** 2)) + 0.01);
          return row.map((value) => (value - mean(row)) / deviation);
        })(x),
        scale,
        offset,
      ),
  },
  softmax: {
    op: 'Softmax',
    inputs: [[2, 3, 4]],
    attributes: { axis: -1 },
    reference: alongRows((row) => {
      const sum = row.reduce((total, value) => total + Math.exp(value), 0);
      return row.map((value) => Math.exp(value) / sum);
    }),
  },
  add: binary('Add', (a, b) => a + b, [2, 3, 4], [3, 1]),
  sub: binary('Sub', (a, b) => a - b, [3, 1], [2, 3, 4]),
  mul: binary('Mul', (a, b) => a * b, [2, 3, 2, 2], [2, 3, 1, 1]),
  div: binary('Div', (a, b) => a / b, [2, 3, 4], [4]),
  max: binary('Max', Math.max, [2, 3, 4], [2, 3, 4]),
  min: binary('Min', Math.min, [2, 3, 4], [3, 4]),
  relu: unary('Relu', (x) => Math.max(x, 0), { domain: awayFromZero }),
  relu6: unary('Clip', (x) => Math.min(Math.max(x, 0), 0.5), { constants: scalars(0, 0.5), domain: awayFromZero }),
  'leaky relu': unary('LeakyRelu', (x) => (x > 0 ? x : 0.2 * x), {
    attributes: { alpha: { float: 0.2 } },
    domain: awayFromZero,
  }),
  elu: unary('Elu', (x) => (x > 0 ? x : Math.exp(x) - 1), { domain: awayFromZero }),
  selu: unary('Selu', (x) => gamma * (x > 0 ? x : alpha * (Math.exp(x) - 1)), { domain: awayFromZero }),
  sigmoid: unary('Sigmoid', sigmoid),
  tanh: unary('Tanh', Math.tanh),
  softplus: unary('Softplus', (x) => Math.log1p(Math.exp(x))),
  softsign: unary('Softsign', (x) => x / (1 + Math.abs(x)), { domain: awayFromZero }),
  'hard sigmoid': unary('HardSigmoid', (x) => Math.min(Math.max(0.8 * x + 0.5, 0), 1), {
    attributes: { alpha: { float: 0.8 }, beta: { float: 0.5 } },
  }),
  erf: unary('Erf', erf),
  neg: unary('Neg', (x) => -x),
  exp: unary('Exp', Math.exp),
  sqrt: unary('Sqrt', Math.sqrt, { domain: (x) => x + 1.5 }),
  concat: {
    op: 'Concat',
    inputs: [
      [2, 1, 3],
      [2, 2, 3],
    ],
    attributes: { axis: 1 },
    reference: (a, b) => {
      const first = moved([2, 3, 3], ([n = 0, r = 0, c = 0]) => (r < 1 ? [n, r, c] : undefined))(a);
      return elementwise((x, y) => x + y)(
        first,
        moved([2, 3, 3], ([n = 0, r = 0, c = 0]) => (r < 1 ? undefined : [n, r - 1, c]))(b),
      );
    },
  },
  pad: {
    op: 'Pad',
    inputs: [[2, 3, 2, 2]],
    constants: (b) => [b.int64([0, 0, 1, 0, 0, 0, 2, 1])],
    reference: moved([2, 3, 5, 3], ([n = 0, c = 0, y = 0, x = 0]) =>
      y < 1 || y > 2 || x > 1 ? undefined : [n, c, y - 1, x],
    ),
  },
  slice: {
    op: 'Slice',
    inputs: [[2, 5, 4]],
    constants: (b) => [b.int64([1, 0]), b.int64([4, 3]), b.int64([1, 2])],
    reference: moved([2, 3, 3], ([n = 0, r = 0, c = 0]) => [n, r + 1, c]),
  },
  'slice with steps': {
    op: 'Slice',
    inputs: [[2, 8, 4]],
    constants: (b) => [b.int64([1, 1]), b.int64([8, 4]), b.int64([1, 2]), b.int64([3, 2])],
    reference: moved([2, 3, 2], ([n = 0, r = 0, c = 0]) => [n, 1 + 3 * r, 1 + 2 * c]),
  },
  transpose: {
    op: 'Transpose',
    inputs: [[2, 3, 4]],
    attributes: { perm: [2, 0, 1] },
    reference: moved([4, 2, 3], ([a = 0, b = 0, c = 0]) => [b, c, a]),
  },
  reshape: {
    op: 'Reshape',
    inputs: [[2, 6]],
    constants: (b) => [b.int64([2, 2, 3])],
    reference: moved([2, 2, 3], ([n = 0, a = 0, b = 0]) => [n, a * 3 + b]),
  },
  gather: {
    op: 'Gather',
    inputs: [[4, 3]],
    attributes: { axis: 0 },
    constants: (b) => [b.int64([2, 0, 2, 3])],
    reference: moved([4, 3], ([i = 0, c = 0]) => [[2, 0, 2, 3][i] ?? 0, c]),
  },
  'sum over two axes': {
    op: 'ReduceSum',
    inputs: [[2, 3, 4]],
    attributes: { keepdims: 0 },
    constants: (b) => [b.int64([0, -1])],
    reference: (x) => {
      const places = [0, 1].flatMap((n) => [0, 1, 2, 3].map((c) => moved([3], ([r = 0]) => [n, r, c])(x)));
      return elementwise((...values) => values.reduce((sum, value) => sum + value, 0))(...places);
    },
  },
  'sum over an axis that stays': {
    op: 'ReduceSum',
    inputs: [[2, 3, 4]],
    attributes: { keepdims: 1 },
    constants: (b) => [b.int64([1])],
    reference: (x) => {
      const parts = [0, 1, 2].map((r) => moved([2, 1, 4], ([n = 0, , c = 0]) => [n, r, c])(x));
      return elementwise((a, b, c) => a + b + c)(...parts);
    },
  },
  'largest over an axis': {
    op: 'ReduceMax',
    inputs: [[2, 3, 4]],
    attributes: { keepdims: 0 },
    constants: (b) => [b.int64([1])],
    reference: (x) => {
      const parts = [0, 1, 2].map((r) => moved([2, 4], ([n = 0, c = 0]) => [n, r, c])(x));
      return elementwise(Math.max)(...parts);
    },
  },
  'rows and columns repeated': {
    op: 'Resize',
    inputs: [[2, 3, 3, 2]],
    attributes: { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' },
    constants: (b) => [undefined, b.constant(Float32Array.of(1, 1, 2, 3), [4])],
    reference: moved([2, 3, 6, 6], ([n = 0, c = 0, y = 0, x = 0]) => [n, c, Math.floor(y / 2), Math.floor(x / 3)]),
  },
  'mean over an axis': {
    op: 'ReduceMean',
    inputs: [[2, 3, 4]],
    attributes: { keepdims: 0 },
    constants: (b) => [b.int64([1])],
    reference: (x) => {
      const parts = [0, 1, 2].map((r) => moved([2, 4], ([n = 0, c = 0]) => [n, r, c])(x));
      return elementwise((a, b, c) => (a + b + c) / 3)(...parts);
    },
  },
};

for (const [
  name,
  { op, inputs, attributes = {}, constants, more = [], domain = (value: number) => value, reference },
] of Object.entries(cases)) {
  test(`gradient of ${name}`, async () => {
    // Rounded to float32 first, so that both sides compute on the same numbers.
    const given = inputs.map((shape, i): Numbers => {
      const values = noise(
        shape.reduce((product, size) => product * size, 1),
        10 + i,
      );
      return { data: Float64Array.from(values, (value) => Math.fround(domain(2 * value))), shape };
    });
    const y = reference(...given);
    const weights = Float32Array.from(noise(y.data.length, 99), (value) => value + 0.6);
    const loss = () => reference(...given).data.reduce((sum, value, i) => sum + value * (weights[i] ?? 0), 0);

    const b = new GraphBuilder();
    const values = inputs.map((shape, i) => b.input(`x${i}`, shape));
    const outputs = [y.shape, ...more].map((shape) => ({ shape }));
    const custom: CustomGradient[] = [];
    const output =
      typeof op === 'string'
        ? b.ops(op, [...values, ...(constants?.(b) ?? [])], attributes, outputs)[0]
        : op(b, values, custom);
    assert.ok(output);
    const gradients = backward(b, output, b.constant(weights, y.shape), values, custom);
    const wanted = values.map((value) => gradients.get(value.name));
    const graph = b.build({
      y: output,
      ...Object.fromEntries(wanted.flatMap((value, i) => (value ? [[`d${i}`, value]] : []))),
    });
    const session = await openSession(graph);
    const feeds = given.map(({ data, shape }, i) => [`x${i}`, { data: Float32Array.from(data), shape }] as const);
    const results = await session.run(Object.fromEntries(feeds));
    await session.release();

    assert.ok(relativeDifference(results['y']?.data as Float32Array, y.data) < 1e-5, 'the forward pass differs');
    for (const [i, { data }] of given.entries()) {
      const expected = data.map((value, k) => {
        const h = 1e-5;
        data[k] = value + h;
        const above = loss();
        data[k] = value - h;
        const below = loss();
        data[k] = value;
        return (above - below) / (2 * h);
      });
      const received = results[`d${i}`];
      assert.deepEqual(received?.shape, inputs[i]);
      const difference = relativeDifference(received?.data as Float32Array, expected);
      assert.ok(difference < 1e-4, `input ${i} differs by ${difference}`);
    }
  });
}
