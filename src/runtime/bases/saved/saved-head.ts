import type { Task } from '../../../protocol/index.js';
import { layerActivation } from '../../engines/logits.js';
import { tf } from '../../tf.js';

/** The last layer of a model on pooled features: what comes into it is the mean of a feature map over its places. */
interface PooledHead {
  readonly dense: tf.layers.Layer;
  /** `linear` where the model ends in numbers. */
  readonly activation: string;
  /** [dimensions, units], row-major. */
  readonly kernel: Float32Array;
  readonly bias: Float32Array;
  readonly units: number;
  /** What a `Rescaling` after it (`inUnits`) makes of each output: y = x · scale + offset. */
  readonly scale: readonly number[];
  readonly offset: readonly number[];
}

/** What the last layer of a saved model had learnt, by name: in the units of the data. */
export interface SavedHead extends Omit<PooledHead, 'dense' | 'scale' | 'offset'> {
  readonly task: Task;
  readonly names: readonly string[];
}

/**
 * The head of a model whose last layer is a dense one on the pooled feature map `end`; dropout may stand in between. Undefined for any
 * other: what its last layer knows is of features that nobody else has.
 */
export function pooledHead(model: tf.LayersModel, end: tf.SymbolicTensor | undefined): PooledHead | undefined {
  const [output] = model.outputs;
  let at = output;
  const step = () => {
    const layer: tf.layers.Layer | undefined = at?.sourceLayer;
    const [input, ...more]: tf.SymbolicTensor[] = layer?.inboundNodes[at?.nodeIndex ?? 0]?.inputTensors ?? [];
    at = more.length > 0 || input === at ? undefined : input;
    return layer;
  };
  const is = (name: string) => at?.sourceLayer.getClassName() === name;
  const rescaling = is('Rescaling') ? step() : undefined;
  if (!is('Dense')) return undefined;
  const dense = step();
  while (is('Dropout')) step();
  if (dense === undefined || !is('GlobalAveragePooling2D')) return undefined;
  step();
  if (end === undefined || at !== end) return undefined;
  const [kernel, bias] = dense.weights.map((weight) => Float32Array.from(weight.read().dataSync()));
  const units = Number(output?.shape[1]);
  const { scale, offset } = rescaling?.getConfig() ?? {};
  const ofEach = (value: unknown, absent: number) =>
    Array.from({ length: units }, (_, i) => Number((Array.isArray(value) ? (value as unknown[])[i] : value) ?? absent));
  return {
    dense,
    activation: layerActivation(dense),
    kernel: kernel ?? new Float32Array(),
    bias: bias ?? new Float32Array(units),
    units,
    scale: ofEach(scale, 1),
    offset: ofEach(offset, 0),
  };
}

/** @param end of the base: the feature map that the saved model's head stands on. */
export function savedHead(
  model: tf.LayersModel,
  end: tf.SymbolicTensor | undefined,
  { task = 'classification', classes }: { readonly task?: Task; readonly classes: readonly string[] },
): SavedHead | undefined {
  const head = pooledHead(model, end);
  if (head === undefined) return undefined;
  const { activation, kernel, bias, units, scale, offset } = head;
  return {
    task,
    names: classes,
    activation,
    units,
    kernel: kernel.map((value, i) => value * (scale[i % units] ?? 1)),
    bias: bias.map((value, i) => value * (scale[i] ?? 1) + (offset[i] ?? 0)),
  };
}

/** Writes weights into a head that train with it. */
export function writeHead(dense: tf.layers.Layer, kernel: Float32Array, bias: Float32Array): void {
  tf.tidy(() => {
    const values = [kernel, bias];
    dense.setWeights(dense.weights.map(({ shape }, i) => tf.tensor(values[i] ?? [], shape.map(Number))));
  });
}
