import { PictureProblem } from './damage.js';

/** More than moving pictures and stacks of pages have. The library goes through all of them, though only the first is wanted. */
const maxFrames = 5_000;

/**
 * Frames and pages are counted here, in their lists: the library looks for each frame of a WebP from the first one on, and takes a
 * second for a megabyte of pages or for some 100,000 frames of a GIF.
 *
 * @throws PictureProblem when there are more than 5,000.
 */
export function checkFrames(bytes: Buffer, format: string): void {
  const list = lists[format]?.(bytes);
  for (let frames = 0; list?.next().done === false; frames++)
    if (frames >= maxFrames) throw new PictureProblem(`it has more than ${maxFrames} frames or pages`);
}

const lists: Readonly<Record<string, (bytes: Buffer) => Generator<number>>> = {
  webp: webpFrames,
  tiff: tiffPages,
  gif: gifFrames,
};

/** Where each frame begins. Tables of colours, extensions and frames, whose content is in blocks of a length and as many bytes. */
function* gifFrames(bytes: Buffer): Generator<number> {
  const byte = (at: number) => bytes[at] ?? 0;
  const colors = (flags: number) => ((flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 7) + 1));
  for (let at = 13 + colors(byte(10)); at < bytes.length; at++) {
    const isFrame = byte(at) === 0x2c;
    if (!isFrame && byte(at) !== 0x21) return;
    if (isFrame) yield at;
    at += isFrame ? 11 + colors(byte(at + 9)) : 2;
    while (at < bytes.length && byte(at) !== 0) at += 1 + byte(at);
  }
}

/** Where each frame begins. The file is a list of chunks: four letters, a length, and as many bytes, filled up to an even number. */
function* webpFrames(bytes: Buffer): Generator<number> {
  for (let at = 12; at + 8 <= bytes.length; at += 8 + 2 * Math.ceil(bytes.readUInt32LE(at + 4) / 2))
    if (bytes.toString('latin1', at, at + 4) === 'ANMF') yield at;
}

/** Where each page's directory begins: a count, entries of 12 bytes (20 with offsets of 64 bits), where the next one is. */
function* tiffPages(bytes: Buffer): Generator<number> {
  const isLittle = bytes[0] === 0x49;
  const number = (at: number, size: 2 | 4 | 8): number => {
    if (at + size > bytes.length) return 0;
    if (size === 8) return Number(isLittle ? bytes.readBigUInt64LE(at) : bytes.readBigUInt64BE(at));
    return isLittle ? bytes.readUIntLE(at, size) : bytes.readUIntBE(at, size);
  };
  const isBig = number(2, 2) === 43;
  let at = isBig ? number(8, 8) : number(4, 4);
  while (at > 0) {
    yield at;
    at = isBig ? number(at + 8 + 20 * number(at, 8), 8) : number(at + 2 + 12 * number(at, 2), 4);
  }
}
