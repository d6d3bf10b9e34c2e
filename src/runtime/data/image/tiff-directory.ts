/** Numbers of tags in TIFF files that are looked at here. */
export const tiffTags = {
  bitsPerSample: 258,
  photometric: 262,
  stripOffsets: 273,
  stripByteCounts: 279,
  maxSampleValue: 281,
  tileOffsets: 324,
  tileByteCounts: 325,
  sampleFormat: 339,
  largestSample: 341,
  noData: 42113,
} as const;

/** The list of what a page is: tag → its values. A text is one value per character. */
interface TiffDirectory {
  readonly entries: ReadonlyMap<number, readonly number[]>;
  /** Where the values of 16 bits lie in the file. */
  readonly shorts: ReadonlyMap<number, number>;
  readonly isLittle: boolean;
  /** Where it and its values end in the file; beyond the file where that is cut off. */
  readonly end: number;
}

/** More values than strips or tiles of a picture within the limit of pixels need. */
const maxValues = 200_000;

/** The first page's. Entries that lie outside the file, or are of a type that is not looked at, are left out. */
export function tiffDirectory(bytes: Buffer): TiffDirectory {
  const isLittle = bytes[0] === 0x49;
  const none = { entries: new Map<number, number[]>(), shorts: new Map<number, number>(), isLittle, end: Infinity };
  if (bytes.length < 16) return none;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const short = (at: number) => view.getUint16(at, isLittle);
  const long = (at: number) => view.getUint32(at, isLittle);
  const long8 = (at: number) => Number(view.getBigUint64(at, isLittle));
  const types: Readonly<Record<number, readonly [size: number, read: (at: number) => number]>> = {
    1: [1, (at) => view.getUint8(at)],
    2: [1, (at) => view.getUint8(at)],
    3: [2, short],
    4: [4, long],
    6: [1, (at) => view.getInt8(at)],
    8: [2, (at) => view.getInt16(at, isLittle)],
    9: [4, (at) => view.getInt32(at, isLittle)],
    11: [4, (at) => view.getFloat32(at, isLittle)],
    12: [8, (at) => view.getFloat64(at, isLittle)],
    16: [8, long8],
  };
  // 43: with offsets of 64 bits.
  const isBig = short(2) === 43;
  const [start, countSize, entrySize] = isBig ? [long8(8), 8, 20] : [long(4), 2, 12];
  if (start + countSize > bytes.length) return { ...none, end: start + countSize };
  const count = isBig ? long8(start) : short(start);
  let end = start + countSize + entrySize * count;
  const last = Math.min(end, bytes.length - entrySize + 1);
  const { entries, shorts } = none;
  for (let at = start + countSize; at < last; at += entrySize) {
    const type = types[short(at + 2)];
    const values = isBig ? long8(at + 4) : long(at + 4);
    if (type === undefined || values > maxValues) continue;
    const [size, read] = type;
    const inside = isBig ? 8 : 4;
    const field = at + entrySize - inside;
    const from = size * values <= inside ? field : isBig ? long8(field) : long(field);
    end = Math.max(end, from + size * values);
    if (end > bytes.length) continue;
    if (short(at + 2) === 3) shorts.set(short(at), from);
    entries.set(
      short(at),
      Array.from({ length: values }, (_, i) => read(from + size * i)),
    );
  }
  return { ...none, end };
}
