import { permute, reshape, type Dim } from '../ir.js';
import { resample } from './resample.js';
import { fromKeras, imageShape, LayerConfig, single, toKeras, UnsupportedLayer, type Lowering } from './context.js';

const identity: Lowering = (layer, inputs) => single(layer, inputs);

/** The product of all sizes but the batch. */
function elements(shape: readonly Dim[]): number {
  return shape.slice(1).reduce<number>((product, size) => product * Number(size), 1);
}

export const shapeLayers: Record<string, Lowering> = {
  InputLayer: identity,
  Flatten: (layer, inputs, { builder }) => {
    const x = toKeras(builder, single(layer, inputs));
    return reshape(builder, x, [x.shape[0] ?? 'N', elements(x.shape)]);
  },
  Reshape: (layer, inputs, { builder }) => {
    const x = toKeras(builder, single(layer, inputs));
    const total = elements(x.shape);
    const target = new LayerConfig(layer).numbers('targetShape');
    const known = target.filter((size) => size > 0).reduce((product, size) => product * size, 1);
    const shape = target.map((size) => (size > 0 ? size : total / known));
    return fromKeras(builder, reshape(builder, x, [x.shape[0] ?? 'N', ...shape]));
  },
  Permute: (layer, inputs, { builder }) => {
    const x = toKeras(builder, single(layer, inputs));
    const perm = [0, ...new LayerConfig(layer).numbers('dims')];
    return fromKeras(builder, permute(builder, x, perm));
  },
  ZeroPadding2D: (layer, inputs, { builder }) => {
    const config = new LayerConfig(layer);
    config.requireChannelsLast();
    const x = single(layer, inputs);
    const { channels, height, width } = imageShape(layer, x);
    const [[top, bottom], [left, right]] = paddingOf(config.raw('padding'));
    const pads = [0, 0, top, left, 0, 0, bottom, right];
    return builder.op('Pad', [x, builder.int64(pads)], {}, [
      x.shape[0] ?? 'N',
      channels,
      height + top + bottom,
      width + left + right,
    ]);
  },
  Cropping2D: (layer, inputs, { builder }) => {
    const config = new LayerConfig(layer);
    config.requireChannelsLast();
    const x = single(layer, inputs);
    const { channels, height, width } = imageShape(layer, x);
    const [[top, bottom], [left, right]] = paddingOf(config.raw('cropping'));
    const bounds = [
      [top, left],
      [height - bottom, width - right],
      [2, 3],
    ].map((list) => builder.int64(list));
    const shape = [x.shape[0] ?? 'N', channels, height - top - bottom, width - left - right];
    return builder.op('Slice', [x, ...bounds], {}, shape);
  },
  RepeatVector: (layer, inputs, { builder }) => {
    const x = single(layer, inputs);
    const n = new LayerConfig(layer).number('n', 1);
    const [batch = 'N', width = 1] = x.shape;
    const row = reshape(builder, x, [batch, 1, width]);
    return builder.op('Concat', new Array<typeof row>(n).fill(row), { axis: 1 }, [batch, n, width]);
  },
  Resample: resample,
  UpSampling2D: (layer, inputs, { builder }) => {
    const config = new LayerConfig(layer);
    config.requireChannelsLast();
    if (config.string('interpolation', 'nearest') !== 'nearest')
      throw new UnsupportedLayer(layer, 'this interpolation');
    const x = single(layer, inputs);
    const { channels, height, width } = imageShape(layer, x);
    const [y, z] = config.pair('size', [2, 2]);
    const scales = builder.constant(Float32Array.of(1, 1, y, z), [4]);
    return builder.op(
      'Resize',
      [x, undefined, scales],
      { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' },
      [x.shape[0] ?? 'N', channels, height * y, width * z],
    );
  },
};

function paddingOf(value: unknown): [[number, number], [number, number]] {
  if (typeof value === 'number')
    return [
      [value, value],
      [value, value],
    ];
  const [y, x] = value as [number | [number, number], number | [number, number]];
  return [typeof y === 'number' ? [y, y] : y, typeof x === 'number' ? [x, x] : x];
}
