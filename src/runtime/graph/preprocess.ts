import { channelTransform, type Preprocessing } from '../data/preprocessing.js';
import type { GraphBuilder, Value } from './ir.js';

/** Pixels [N, height, width, 3], uint8, RGB → the numbers that a base was trained on, float32, same shape. */
export function preprocessNodes(builder: GraphBuilder, pixels: Value, mode: Preprocessing): Value {
  const { order, scale, offset } = channelTransform(mode);
  let x = builder.op('Cast', [pixels], { to: 1 }, pixels.shape);
  if (order.some((from, to) => from !== to)) x = builder.op('Gather', [x, builder.int64(order)], { axis: 3 }, x.shape);
  if (scale.some((factor) => factor !== 1))
    x = builder.op('Mul', [x, builder.constant(Float32Array.from(scale), [3])], {}, x.shape);
  if (offset.some((term) => term !== 0))
    x = builder.op('Add', [x, builder.constant(Float32Array.from(offset), [3])], {}, x.shape);
  return x;
}
