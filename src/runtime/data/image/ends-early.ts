import type { Format } from './formats.js';
import { tiffDirectory, tiffTags } from './tiff-directory.js';

/**
 * Whether a picture that cannot be read ends before what it announces: it was not copied or downloaded whole. Asked only then: some
 * files announce more than they have, and are read all the same.
 */
export function endsEarly(bytes: Buffer, format: Format['name']): boolean {
  return announced[format](bytes) > bytes.length;
}

/** How long a file must at least be, as far as it says so itself. */
const announced: Readonly<Record<Format['name'], (bytes: Buffer) => number>> = {
  // The last two bytes of a picture; those of a small one in its beginning come soon.
  jpg: (bytes) => (bytes.lastIndexOf(Buffer.of(0xff, 0xd9)) === -1 ? Infinity : 0),
  png: (bytes) =>
    endOfParts(bytes, 8, (at) => ({ end: at + 12 + bytes.readUInt32BE(at), isLast: text(bytes, at + 4) === 'IEND' })),
  webp: (bytes) => (bytes.length < 8 ? Infinity : 8 + bytes.readUInt32LE(4)),
  gif: (bytes) => (bytes.at(-1) === 0x3b ? 0 : Infinity),
  bmp: (bytes) => (bytes.length < 6 ? Infinity : bytes.readUInt32LE(2)),
  tiff: endOfTiff,
  avif: endOfBoxes,
  heic: endOfBoxes,
};

function endOfParts(
  bytes: Buffer,
  start: number,
  part: (at: number) => { readonly end: number; readonly isLast: boolean },
): number {
  let at = start;
  while (at + 8 <= bytes.length) {
    const { end, isLast } = part(at);
    if (isLast || end <= at) return end;
    at = end;
  }
  // Another part is missing.
  return Math.max(at, bytes.length + 1);
}

/** Boxes follow one another to the file's end: a length, four letters, content. */
function endOfBoxes(bytes: Buffer): number {
  let at = 0;
  while (at + 8 <= bytes.length) {
    const length = bytes.readUInt32BE(at);
    // 0: to the end. 1: a length of 64 bits follows.
    if (length === 0) return at;
    if (length === 1 && at + 16 > bytes.length) return Infinity;
    const size = length === 1 ? Number(bytes.readBigUInt64BE(at + 8)) : length;
    if (size < 8) return 0;
    at += size;
  }
  return at;
}

/** Where the first page's list of entries ends, which many programs write last, or else its last strip or tile. */
function endOfTiff(bytes: Buffer): number {
  const { entries, end } = tiffDirectory(bytes);
  const { stripOffsets, stripByteCounts, tileOffsets, tileByteCounts } = tiffTags;
  return [
    [stripOffsets, stripByteCounts],
    [tileOffsets, tileByteCounts],
  ].reduce((last, [offsets = 0, lengths = 0]) => {
    const sizes = entries.get(lengths);
    return (entries.get(offsets) ?? []).reduce((most, at, i) => Math.max(most, at + (sizes?.[i] ?? 0)), last);
  }, end);
}

function text(bytes: Buffer, at: number): string {
  return bytes.toString('latin1', at, at + 4);
}
