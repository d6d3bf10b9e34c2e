import { programOf } from './program.js';
import type { tf } from '../tf.js';

const inner: ReadonlySet<string> = new Set([
  'Conv2D',
  'GroupedConv2D',
  'DepthwiseConv2D',
  'DilatedDepthwiseConv2D',
  'SeparableConv2D',
  'BatchNormalization',
  'ZeroPadding2D',
  'InputLayer',
  'Dropout',
]);

/**
 * The layers up to which freezing makes sense, from the input on: where the whole picture passes through one value, and
 * no block is cut in two. `depth` is the fraction of the layers with weights that such a choice freezes.
 */
export function freezePoints(model: tf.LayersModel): { name: string; depth: number }[] {
  const program = programOf(model);
  const lastUse = new Map<number, number>();
  program.steps.forEach(({ inputs }, i) => {
    for (const value of inputs) lastUse.set(value, i);
  });
  for (const value of program.outputs) lastUse.set(value, program.steps.length);
  const total = program.steps.filter(({ layer }) => layer.weights.length > 0).length;
  const live = new Set(program.inputs);
  let weighted = 0;
  return program.steps.flatMap(({ layer, outputs }, i) => {
    if (layer.weights.length > 0) weighted++;
    for (const value of outputs) live.add(value);
    for (const value of live) if ((lastUse.get(value) ?? -1) <= i) live.delete(value);
    const alone = live.size === 1 && outputs.every((value) => live.has(value));
    return alone && !inner.has(layer.getClassName()) ? [{ name: layer.name, depth: weighted / total }] : [];
  });
}

/** The freeze point nearest to freezing this fraction of the layers with weights. */
export function defaultFreezePoint(model: tf.LayersModel, depth = 0.7): string | undefined {
  const points = freezePoints(model).filter((point) => point.depth < 1);
  return points.sort((a, b) => Math.abs(a.depth - depth) - Math.abs(b.depth - depth))[0]?.name;
}
