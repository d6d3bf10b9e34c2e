/** An IDX file of unsigned bytes: its header, and whatever content. */
export function idx(shape: readonly number[], content: Uint8Array): Buffer {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header.writeUInt32BE(0x800 + shape.length);
  shape.forEach((size, i) => header.writeUInt32BE(size, 4 + 4 * i));
  return Buffer.concat([header, content]);
}
