export type TypedData = Float32Array | Float64Array | Uint8Array | BigInt64Array;
export type TensorType = 'float32' | 'float64' | 'uint8' | 'int64';

/** A dense array in row-major order. Its type is that of its data. */
export interface Tensor<Data extends TypedData = TypedData> {
  readonly data: Data;
  readonly shape: readonly number[];
}

export type FloatTensor = Tensor<Float32Array>;

export type NamedTensors = Readonly<Record<string, Tensor>>;

export function typeOf(data: TypedData): TensorType {
  if (data instanceof Float32Array) return 'float32';
  if (data instanceof Float64Array) return 'float64';
  return data instanceof Uint8Array ? 'uint8' : 'int64';
}
