export type TypedData = Float32Array | Float64Array | Uint8Array | BigInt64Array;
export type TensorType = 'float32' | 'float64' | 'uint8' | 'int64';

/** A dense array in row-major order. Its type is that of its data. */
export interface Tensor<Data extends TypedData = TypedData> {
  readonly data: Data;
  readonly shape: readonly number[];
}

export type FloatTensor = Tensor<Float32Array>;

/** Written out: the types that scripts see contain it, and there `Tensor` is TensorFlow.js's. */
export type NamedTensors = Readonly<Record<string, { readonly data: TypedData; readonly shape: readonly number[] }>>;

export function typeOf(data: TypedData): TensorType {
  if (data instanceof Float32Array) return 'float32';
  if (data instanceof Float64Array) return 'float64';
  return data instanceof Uint8Array ? 'uint8' : 'int64';
}

/** One more axis before all others: what several tensors of one shape and type are in a batch. */
function stacked(tensors: readonly Tensor[]): Tensor {
  const [first] = tensors;
  if (first === undefined) throw new Error('Nothing is stacked.');
  const length = first.data.length;
  const data = likeOf(first.data, tensors.length * length);
  tensors.forEach((one, i) => {
    if (!isSameShape(one.shape, first.shape)) throw new Error('Tensors of several shapes are stacked.');
    // They are of one type.
    data.set(one.data as never, i * length);
  });
  return { data, shape: [tensors.length, ...first.shape] };
}

/**
 * What can be computed at once: examples of one size, each with the same names, together. Nothing is filled up, so that no number depends
 * on what else is in a batch.
 */
export function batchesOfOneSize(
  examples: readonly NamedTensors[],
): { readonly indices: readonly number[]; readonly tensors: NamedTensors }[] {
  const groups = new Map<string, number[]>();
  examples.forEach((tensors, index) => {
    const key = JSON.stringify(Object.values(tensors).map(({ shape }) => shape));
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [index]);
    else group.push(index);
  });
  return [...groups.values()].map((indices) => {
    const names = Object.keys(examples[indices[0] ?? 0] ?? {});
    const batch = (name: string) => stacked(indices.flatMap((index) => examples[index]?.[name] ?? []));
    return { indices, tensors: Object.fromEntries(names.map((name) => [name, batch(name)])) };
  });
}

export function isSameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

function likeOf(data: TypedData, length: number): TypedData {
  switch (typeOf(data)) {
    case 'float32':
      return new Float32Array(length);
    case 'float64':
      return new Float64Array(length);
    case 'uint8':
      return new Uint8Array(length);
    case 'int64':
      return new BigInt64Array(length);
  }
}
