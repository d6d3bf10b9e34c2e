import type { Attribute, DataType, Graph, Initializer, Node, Value } from './ir.js';

/**
 * Writes an ONNX ModelProto: the few fields of onnx.proto that runtimes read. Field numbers are from
 * https://github.com/onnx/onnx/blob/main/onnx/onnx.proto.
 */
export function encodeModel(graph: Graph): Uint8Array {
  const model = new Writer();
  model.int(1, 9); // ir_version
  model.string(2, 'graft');
  model.message(7, encodeGraph(graph));
  model.message(8, new Writer().string(1, '').int(2, 18)); // opset_import
  model.message(8, new Writer().string(1, 'com.microsoft').int(2, 1));
  for (const [key, value] of Object.entries(graph.metadata))
    model.message(14, new Writer().string(1, key).string(2, value));
  return model.finish();
}

const typeNumbers: Record<DataType, number> = { float32: 1, uint8: 2, int64: 7, bool: 9, float64: 11 };

function encodeGraph({ nodes, initializers, inputs, outputs }: Graph): Writer {
  const writer = new Writer();
  for (const node of nodes) writer.message(1, encodeNode(node));
  writer.string(2, 'graft');
  for (const initializer of initializers) writer.message(5, encodeTensor(initializer));
  for (const input of inputs) writer.message(11, encodeValue(input));
  for (const output of outputs) writer.message(12, encodeValue(output));
  return writer;
}

function encodeNode({ op, inputs, outputs, attributes }: Node): Writer {
  const writer = new Writer();
  for (const input of inputs) writer.string(1, input);
  for (const output of outputs) writer.string(2, output);
  // Fused operators of ONNX Runtime are written as `com.microsoft.Name`.
  const dot = op.lastIndexOf('.');
  writer.string(4, op.slice(dot + 1));
  for (const [name, value] of Object.entries(attributes)) writer.message(5, encodeAttribute(name, value));
  if (dot !== -1) writer.string(7, op.slice(0, dot));
  return writer;
}

function encodeAttribute(name: string, value: Attribute): Writer {
  const writer = new Writer().string(1, name);
  if (typeof value === 'number') return writer.int(3, value).int(20, 2);
  if (typeof value === 'string') return writer.string(4, value).int(20, 3);
  if ('float' in value) return writer.float(2, value.float).int(20, 1);
  for (const item of value) writer.int(8, item);
  return writer.int(20, 7);
}

function encodeTensor({ name, shape, type, data }: Initializer): Writer {
  const writer = new Writer();
  for (const size of shape) writer.int(1, Number(size));
  writer.int(2, typeNumbers[type]);
  writer.string(8, name);
  writer.bytes(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength)); // raw_data, little-endian as every machine we run on
  return writer;
}

function encodeValue({ name, shape, type }: Value): Writer {
  const dimensions = new Writer();
  for (const size of shape)
    dimensions.message(1, typeof size === 'number' ? new Writer().int(1, size) : new Writer().string(2, size));
  const tensor = new Writer().int(1, typeNumbers[type]).message(2, dimensions);
  return new Writer().string(1, name).message(2, new Writer().message(1, tensor));
}

/** The protobuf wire format: a list of chunks, joined once at the end. */
class Writer {
  readonly #chunks: Uint8Array[] = [];
  #length = 0;

  int(field: number, value: number): this {
    return this.#push(varint(field << 3), varint(value));
  }

  float(field: number, value: number): this {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setFloat32(0, value, true);
    return this.#push(varint((field << 3) | 5), bytes);
  }

  string(field: number, value: string): this {
    return this.bytes(field, new TextEncoder().encode(value));
  }

  bytes(field: number, value: Uint8Array): this {
    return this.#push(varint((field << 3) | 2), varint(value.length), value);
  }

  message(field: number, value: Writer): this {
    this.#push(varint((field << 3) | 2), varint(value.#length));
    for (const chunk of value.#chunks) this.#push(chunk);
    return this;
  }

  finish(): Uint8Array {
    const result = new Uint8Array(this.#length);
    let offset = 0;
    for (const chunk of this.#chunks) {
      result.set(chunk, offset);
      offset += chunk.length;
    }
    return result;
  }

  #push(...chunks: Uint8Array[]): this {
    for (const chunk of chunks) {
      this.#chunks.push(chunk);
      this.#length += chunk.length;
    }
    return this;
  }
}

function varint(value: number): Uint8Array {
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  do {
    bytes.push(Number(rest & 0x7fn) | (rest > 0x7fn ? 0x80 : 0));
    rest >>= 7n;
  } while (rest > 0n);
  return Uint8Array.from(bytes);
}
