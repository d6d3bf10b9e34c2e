import { flatNumbers, placesOf, shapeOfNumbers, type Numbers, type SliceSpec } from '../../layers/operators.js';
import { binary, broadcast, permute, reshape, swapped, type Dim, type GraphBuilder, type Value } from '../ir.js';
import {
  axisOf,
  fromKeras,
  inPlace,
  LayerConfig,
  single,
  toKeras,
  UnsupportedLayer,
  type Lowering,
} from './context.js';

const names: Readonly<Record<string, 'Add' | 'Sub' | 'Mul' | 'Div' | 'Max' | 'Min'>> = {
  add: 'Add',
  subtract: 'Sub',
  multiply: 'Mul',
  divide: 'Div',
  maximum: 'Max',
  minimum: 'Min',
};

/** A constant of Keras's layout beside an image whose channels lie along the axis `channels`. */
function constant(b: GraphBuilder, numbers: Numbers, image: boolean, channels: number): Value {
  const [shape, data] = [shapeOfNumbers(numbers), Float32Array.from(flatNumbers(numbers))];
  if (!image || channels === 3 || shape.length === 0) return b.constant(data, shape);
  const [n = 1, h = 1, w = 1, c = 1] = [...[1, 1, 1, 1].slice(shape.length), ...shape];
  // One number per channel, or one for all: those of a picture each have their own place.
  if (h === 1 && w === 1) return b.constant(data, [n, c, 1, 1]);
  return permute(b, b.constant(data, [n, h, w, c]), [0, 3, 1, 2]);
}

export const operatorLayers: Record<string, Lowering> = {
  Operator: (layer, inputs, { builder: b }) => {
    const config = new LayerConfig(layer);
    const op = names[config.string('operator', '')];
    if (op === undefined) throw new UnsupportedLayer(layer, 'this operator');
    const [first, second] = [config.raw('first'), config.raw('second')] as (Numbers | undefined)[];
    const rank = Math.max(...inputs.map(({ shape }) => shape.length));
    const image = rank === 4;
    if (image && inputs.some(({ shape }) => shape.length !== 4)) {
      // Of unlike ranks: as Keras has them.
      const [x, y] = inputs.map((value) => toKeras(b, value));
      if (x === undefined || y === undefined) throw new UnsupportedLayer(layer, `${inputs.length} inputs`);
      return fromKeras(b, binary(b, op, x, y));
    }
    return inPlace(b, inputs, (values, channels) => {
      const rest = [...values];
      const next = (numbers: Numbers | undefined) =>
        numbers === undefined ? rest.shift() : constant(b, numbers, image, channels);
      const [x, y] = [next(first), next(second)];
      if (x === undefined || y === undefined || rest.length > 0)
        throw new UnsupportedLayer(layer, `${inputs.length} inputs`);
      return b.op(op, [x, y], {}, broadcast(x.shape, y.shape));
    });
  },
  /** a + scale · b */
  ScaledSum: (layer, inputs, { builder: b }) => {
    const scale = b.scalar(new LayerConfig(layer).number('scale', 1));
    if (inputs.length !== 2) throw new UnsupportedLayer(layer, `${inputs.length} inputs`);
    return inPlace(b, inputs, ([x, y]) => {
      if (x === undefined || y === undefined) throw new UnsupportedLayer(layer, 'an input is missing');
      return binary(b, 'Add', x, binary(b, 'Mul', y, scale));
    });
  },
  GetItem: (layer, inputs, { builder: b }) => {
    const spec = new LayerConfig(layer).raw('spec') as readonly SliceSpec[];
    let y = toKeras(b, single(layer, inputs));
    const full = y.shape;
    spec.forEach((part, axis) => {
      const places = axis === 0 ? undefined : placesOf(part, Number(full[axis]));
      if (places === undefined) return;
      const shape = y.shape.with(axis, places.length);
      const [start = 0, next = start + 1] = places;
      const step = next - start;
      y =
        step > 0
          ? b.op(
              'Slice',
              [y, ...[[start], [(places.at(-1) ?? 0) + 1], [axis], [step]].map((list) => b.int64(list))],
              {},
              shape,
            )
          : b.op('Gather', [y, b.int64(places)], { axis }, shape);
    });
    const kept = y.shape.filter((_, axis) => typeof spec[axis] !== 'number');
    return fromKeras(b, kept.length === y.shape.length ? y : reshape(b, y, kept));
  },
  Reduce: (layer, inputs, { builder: b }) => {
    const config = new LayerConfig(layer);
    const op = { mean: 'ReduceMean', sum: 'ReduceSum', max: 'ReduceMax', min: 'ReduceMin' }[
      config.string('operator', '')
    ];
    const axes = config.numbers('axes');
    const keepdims = config.boolean('keepdims', false);
    const x = single(layer, inputs);
    if (op === undefined) throw new UnsupportedLayer(layer, 'this operator');
    const reduced = (value: Value, along: readonly number[], keep: boolean) =>
      b.op(
        op,
        [value, b.int64(along)],
        { keepdims: keep ? 1 : 0 },
        value.shape.flatMap((size, axis): Dim[] => (along.includes(axis) ? (keep ? [1] : []) : [size])),
      );
    if (keepdims || x.shape.length !== 4)
      return inPlace(b, [x], ([value = x], channels) =>
        reduced(
          value,
          axes.map((axis) => (channels === 3 ? axis : axisOf(axis, value.shape.length))),
          keepdims,
        ),
      );
    return fromKeras(b, reduced(toKeras(b, x), axes, false));
  },
  Stack: (layer, inputs, { builder: b }) => {
    const axis = new LayerConfig(layer).number('axis', 0);
    const apart = inputs.map((input) => {
      const x = toKeras(b, input);
      return reshape(b, x, x.shape.toSpliced(axis, 0, 1));
    });
    const [first] = apart;
    if (first === undefined) throw new UnsupportedLayer(layer, 'no inputs');
    return fromKeras(b, b.op('Concat', apart, { axis }, first.shape.with(axis, inputs.length)));
  },
  MatMul: (layer, inputs, { builder: b }) => {
    const config = new LayerConfig(layer);
    const [x, y] = inputs.map((input) => toKeras(b, input));
    if (x === undefined || y?.shape.length !== x.shape.length)
      throw new UnsupportedLayer(layer, 'inputs of unlike ranks');
    const [left, right] = [
      config.boolean('transposeA', false) ? swapped(b, x) : x,
      config.boolean('transposeB', false) ? swapped(b, y) : y,
    ];
    return fromKeras(b, b.op('MatMul', [left, right], {}, [...left.shape.slice(0, -1), right.shape.at(-1) ?? 1]));
  },
  PadWith: (layer, inputs, { builder: b }) => {
    const config = new LayerConfig(layer);
    const paddings = config.raw('paddings') as readonly (readonly [number, number])[];
    const value = config.number('value', 0);
    const x = toKeras(b, single(layer, inputs));
    const [before, after] = [0, 1].map((side) => paddings.map((pair) => pair[side] ?? 0)) as [number[], number[]];
    const shape = x.shape.map((size, axis) =>
      axis === 0 ? size : Number(size) + (before[axis] ?? 0) + (after[axis] ?? 0),
    );
    const amounts = b.int64([...before, ...after]);
    return fromKeras(b, b.op('Pad', value === 0 ? [x, amounts] : [x, amounts, b.scalar(value)], {}, shape));
  },
};
