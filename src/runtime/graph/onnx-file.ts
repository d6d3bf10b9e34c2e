import { readFile } from 'node:fs/promises';

import { GraftError, messageOf } from '../errors.js';

/** What an ONNX file tells about its graph. Weights are counted, not read. */
export interface OnnxSummary {
  readonly producer: string;
  readonly opset: number;
  readonly nodes: readonly OnnxNode[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly metadata: Readonly<Record<string, string>>;
}

export interface OnnxNode {
  readonly name: string;
  readonly type: string;
  /** Null for a size that is not fixed; empty where the file does not say. */
  readonly outputShape: readonly (number | null)[];
  readonly parameters: number;
}

export interface OnnxValue {
  readonly name: string;
  readonly shape: readonly (number | null)[];
}

/**
 * Reads the graph of an ONNX file. Field numbers are from https://github.com/onnx/onnx/blob/main/onnx/onnx.proto.
 *
 * @throws GraftError when it is not one, or cut off.
 */
export async function readOnnx(file: string): Promise<OnnxSummary> {
  try {
    const model = fields(await readFile(file));
    const graph = message(model, 7);
    if (graph === undefined) throw new Error('it has no graph');
    const sizes = new Map<string, number>();
    for (const tensor of messages(graph, 5)) {
      const count =
        tensor
          .get(1)
          ?.flatMap(integers)
          .reduce((product, size) => product * size, 1) ?? 1;
      sizes.set(text(tensor, 8), count);
    }
    const shapes = new Map([13, 12, 11].flatMap((field) => messages(graph, field).map(valueInfo)).map(pair));
    const nodes = messages(graph, 1).map((node): OnnxNode => {
      const output = text(node, 2);
      // A tensor that several nodes share counts once.
      const parameters = texts(node, 1).reduce((sum, input) => {
        const size = sizes.get(input) ?? 0;
        sizes.delete(input);
        return sum + size;
      }, 0);
      return { name: text(node, 3) || output, type: text(node, 4), outputShape: shapes.get(output) ?? [], parameters };
    });
    const initialized = new Set(messages(graph, 5).map((tensor) => text(tensor, 8)));
    return {
      producer: [text(model, 2), text(model, 3)].join(' ').trim(),
      opset: Number(
        messages(model, 8)
          .find((entry) => text(entry, 1) === '')
          ?.get(2)?.[0] ?? 0,
      ),
      nodes,
      inputs: messages(graph, 11)
        .map(valueInfo)
        .filter(({ name }) => !initialized.has(name)),
      outputs: messages(graph, 12).map(valueInfo),
      metadata: Object.fromEntries(messages(model, 14).map((entry) => [text(entry, 1), text(entry, 2)])),
    };
  } catch (error) {
    throw new GraftError(`${file} is not a whole ONNX file: ${messageOf(error)}.`, {
      action: 'It may be truncated: download or copy it again.',
      cause: error,
    });
  }
}

/** The fields of a message by number: numbers, or the bytes of texts and messages. */
type Fields = ReadonlyMap<number, readonly (number | Uint8Array)[]>;

function fields(bytes: Uint8Array): Fields {
  const result = new Map<number, (number | Uint8Array)[]>();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const varint = (): number => {
    let [value, scale] = [0n, 0n];
    for (;;) {
      const byte = view.getUint8(at++);
      value |= BigInt(byte & 0x7f) << scale;
      if (byte < 0x80) return Number(BigInt.asIntN(64, value));
      scale += 7n;
      if (scale > 63n) throw new Error('a number has no end');
    }
  };
  const take = (length: number): Uint8Array => {
    if (length < 0 || at + length > bytes.length) throw new Error(`it ends ${at + length - bytes.length} bytes early`);
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const key = varint();
    const [field, wire] = [key >>> 3, key & 7];
    if (field === 0) throw new Error('it is not in the protobuf format');
    const values = result.get(field) ?? [];
    result.set(field, values);
    if (wire === 0) values.push(varint());
    else if (wire === 2) values.push(take(varint()));
    else if (wire === 5) values.push(take(4));
    else if (wire === 1) values.push(take(8));
    else throw new Error('it is not in the protobuf format');
  }
  return result;
}

function messages(of: Fields, field: number): Fields[] {
  return (of.get(field) ?? []).filter((value) => typeof value !== 'number').map(fields);
}

function message(of: Fields, field: number): Fields | undefined {
  return messages(of, field)[0];
}

function texts(of: Fields, field: number): string[] {
  return (of.get(field) ?? []).map((value) => (typeof value === 'number' ? '' : new TextDecoder().decode(value)));
}

function text(of: Fields, field: number): string {
  return texts(of, field)[0] ?? '';
}

/** Repeated numbers: one by one, or packed into bytes. */
function integers(value: number | Uint8Array): number[] {
  if (typeof value === 'number') return [value];
  const numbers: number[] = [];
  let [number, factor] = [0, 1];
  for (const byte of value) {
    number += (byte & 0x7f) * factor;
    factor *= 128;
    if (byte >= 0x80) continue;
    numbers.push(number);
    [number, factor] = [0, 1];
  }
  return numbers;
}

function valueInfo(value: Fields): OnnxValue {
  const type = message(value, 2);
  const tensor = type === undefined ? undefined : message(type, 1);
  const shape = tensor === undefined ? undefined : message(tensor, 2);
  const dimensions = shape === undefined ? [] : messages(shape, 1);
  return { name: text(value, 1), shape: dimensions.map((dimension) => Number(dimension.get(1)?.[0] ?? NaN) || null) };
}

function pair({ name, shape }: OnnxValue): [string, OnnxValue['shape']] {
  return [name, shape];
}
