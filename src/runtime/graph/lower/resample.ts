import { resampleMatrices, type ResampleSettings } from '../../layers/resample.js';
import { imageShape, single, type Lowering } from './context.js';

/** A picture in another size: rows · x · columns, both constants. */
export const resample: Lowering = (layer, inputs, { builder: b }) => {
  const x = single(layer, inputs);
  const { channels, height, width } = imageShape(layer, x);
  const settings = layer.getConfig() as unknown as ResampleSettings;
  const [rows, columns] = resampleMatrices(settings, height, width);
  const [h = 0, w = 0] = settings.size;
  const n = x.shape[0] ?? 'N';
  const { fill = 0 } = settings;
  const shift = b.constant(Float32Array.of(fill), []);
  const less = fill === 0 ? x : b.op('Sub', [x, shift], {}, x.shape);
  const tall = b.op('MatMul', [b.constant(rows, [h, height]), less], {}, [n, channels, h, width]);
  const right = Float32Array.from({ length: width * w }, (_, i) => columns[(i % w) * width + Math.floor(i / w)] ?? 0);
  const wide = b.op('MatMul', [tall, b.constant(right, [width, w])], {}, [n, channels, h, w]);
  return fill === 0 ? wide : b.op('Add', [wide, shift], {}, wide.shape);
};
