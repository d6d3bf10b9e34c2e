/** The protobuf wire format, read where it lies: nothing is made of a field that nobody asked for. */

/** From, to: bytes of a text or message. Both 0 for a number. */
export type Span = readonly [start: number, end: number];

/** By the number of the field; called for each occurrence. */
type Visitors = Readonly<Record<number, (span: Span, value: number) => void>>;

const none: Span = [0, 0];
const decoder = new TextDecoder();
/** Longer than any name or list of classes; a longer one is cut. */
const maxText = 1 << 20;
/** All texts of a message together: ten times those of the largest networks. */
const maxTexts = 128 << 20;
const made = new WeakMap<Uint8Array, number>();

/** @throws Error when it ends too early, or is no protobuf. */
export function eachField(bytes: Uint8Array, [start, end]: Span, visitors: Visitors): void {
  for (let at = start; at < end;) {
    const [key, next] = varint(bytes, at, end);
    const [field, wire] = [Math.floor(key / 8), key % 8];
    at = next;
    if (field === 0) throw notProtobuf();
    if (wire === 0) {
      const [value, after] = varint(bytes, at, end);
      at = after;
      visitors[field]?.(none, value);
      continue;
    }
    let length = wire === 5 ? 4 : 8;
    if (wire === 2) [length, at] = varint(bytes, at, end);
    else if (wire !== 1 && wire !== 5) throw notProtobuf();
    if (at + length > end) throw new Error(`it ends ${at + length - end} bytes early`);
    visitors[field]?.([at, at + length], 0);
    at += length;
  }
}

/** Repeated numbers: one by one, or packed into bytes. */
export function* integers(bytes: Uint8Array, [start, end]: Span, value: number): Generator<number> {
  if (end === 0) yield value;
  for (let at = start; at < end;) {
    const [number, next] = varint(bytes, at, end);
    at = next;
    yield number;
  }
}

/** @throws Error when all texts that were read of the same bytes are more than any model has. */
export function textAt(bytes: Uint8Array, [start, end]: Span): string {
  const to = Math.min(end, start + maxText);
  const total = (made.get(bytes) ?? 0) + to - start;
  made.set(bytes, total);
  if (total > maxTexts) throw new Error(`its names have more than ${maxTexts} bytes`);
  return decoder.decode(bytes.subarray(start, to));
}

/** A number, and where it ends. Above 2⁵³ it is not exact; a negative one is above 2⁶³. */
function varint(bytes: Uint8Array, at: number, end: number): [number, number] {
  let [value, factor] = [0, 1];
  for (let i = at; i < end && i < at + 10; i++) {
    const byte = bytes[i] ?? 0;
    value += (byte & 0x7f) * factor;
    if (byte < 0x80) return [value, i + 1];
    factor *= 128;
  }
  throw new Error(at + 10 <= end ? 'a number has no end' : 'it ends within a number');
}

function notProtobuf(): Error {
  return new Error('it is not in the protobuf format');
}
