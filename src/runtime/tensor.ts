export type TypedData = Float32Array | Uint8Array | BigInt64Array;
export type TensorType = 'float32' | 'uint8' | 'int64';

/** A dense array in row-major order. Its type is that of its data. */
export interface Tensor<Data extends TypedData = TypedData> {
  readonly data: Data;
  readonly shape: readonly number[];
}

export type FloatTensor = Tensor<Float32Array>;

export type NamedTensors = Readonly<Record<string, Tensor>>;

export function typeOf(data: TypedData): TensorType {
  return data instanceof Float32Array ? 'float32' : data instanceof Uint8Array ? 'uint8' : 'int64';
}
