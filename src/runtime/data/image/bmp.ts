import { PictureProblem } from './damage.js';

/** What a BMP file's header says. */
interface BmpHeader {
  readonly width: number;
  readonly height: number;
  readonly topDown: boolean;
  readonly bits: number;
  readonly compression: number;
  /** Where the palette and the pixels begin. */
  readonly palette: number;
  readonly pixels: number;
  /** Bytes of a colour in the palette, and how many colours it has. */
  readonly entry: 3 | 4;
  readonly colours: number;
  /** Red, green, blue: which bits of a pixel of 16 or 32 bits. */
  readonly masks: readonly [number, number, number];
}

const [plain, rle8, rle4, bitFields, alphaBitFields] = [0, 1, 2, 3, 6];

/** @throws PictureProblem that says what is wrong: also where the file cannot hold as many pixels as it promises. */
export function bmpHeader(bytes: Buffer): BmpHeader {
  const size = bytes.length < 18 ? 0 : bytes.readUInt32LE(14);
  const isOs2 = size === 12;
  if (!isOs2 && (size < 40 || size > 124)) throw new PictureProblem(`its header has ${size} bytes`);
  if (bytes.length < 14 + size) throw new PictureProblem('its header is cut off');
  const width = isOs2 ? bytes.readUInt16LE(18) : bytes.readInt32LE(18);
  const signed = isOs2 ? bytes.readUInt16LE(20) : bytes.readInt32LE(22);
  const height = Math.abs(signed);
  const bits = bytes.readUInt16LE(isOs2 ? 24 : 28);
  const compression = isOs2 ? plain : bytes.readUInt32LE(30);
  const allowed = compressions.get(bits);
  if (allowed === undefined) throw new PictureProblem(`it has ${bits} bits per pixel`);
  if (!allowed.includes(compression))
    throw new PictureProblem(`compression ${compression} with ${bits} bits per pixel is unknown`);
  const hasMasks = compression === bitFields || compression === alphaBitFields;
  const outside = hasMasks && size === 40 ? (compression === bitFields ? 12 : 16) : 0;
  const palette = 14 + size + outside;
  const pixels = bytes.readUInt32LE(10);
  if (pixels < palette || pixels > bytes.length)
    throw new PictureProblem(`its pixels begin at byte ${pixels} of ${bytes.length}`);
  const entry = isOs2 ? 3 : 4;
  const promised = isOs2 || bytes.readUInt32LE(46) === 0 ? 2 ** bits : bytes.readUInt32LE(46);
  const colours = bits > 8 ? 0 : Math.min(promised, 2 ** bits, Math.floor((pixels - palette) / entry));
  const mask = (i: number) => bytes.readUInt32LE(54 + 4 * i);
  const masks = hasMasks ? ([mask(0), mask(1), mask(2)] as const) : bits === 16 ? masks555 : masks888;
  const header = {
    width,
    height,
    topDown: signed < 0,
    bits,
    compression,
    palette,
    pixels,
    entry,
    colours,
    masks,
  } as const;
  const room = bytes.length - pixels;
  // A run of two bytes has at most 255 pixels, and what is skipped costs two bytes a line.
  const needed =
    compression === rle8 || compression === rle4
      ? (width * height) / 255
      : rowBytes(header) * (height - 1) + Math.ceil((width * bits) / 8);
  if (width > 0 && needed > room)
    throw new PictureProblem(`it promises ${width} × ${height} pixels and ends after ${room} bytes of them`);
  return header;
}

const masks555 = [0x7c00, 0x03e0, 0x001f] as const;
const masks888 = [0xff0000, 0x00ff00, 0x0000ff] as const;
/** By bits per pixel. */
const compressions = new Map<number, readonly number[]>([
  [1, [plain]],
  [4, [plain, rle4]],
  [8, [plain, rle8]],
  [16, [plain, bitFields, alphaBitFields]],
  [24, [plain]],
  [32, [plain, bitFields, alphaBitFields]],
]);

/** Pixels in RGB, 8 bit, [height, width, 3]; an alpha channel is left out, as most programs write none into it. */
export function decodeBmp(bytes: Buffer, header: BmpHeader): Buffer {
  const { width, height, topDown, compression, bits } = header;
  const rgb = Buffer.alloc(width * height * 3);
  // Files begin with the last line, unless they say otherwise.
  const line = (y: number) => (topDown ? y : height - 1 - y) * width * 3;
  if (compression === rle8 || compression === rle4) decodeRuns(bytes, header, rgb, line);
  else
    for (let y = 0; y < height; y++) {
      const row = header.pixels + y * rowBytes(header);
      if (bits <= 8) decodeIndexed(bytes, header, row, rgb, line(y));
      else if (bits === 24) decodeTrueColour(bytes, row, rgb, line(y), width);
      else decodeMasked(bytes, header, row, rgb, line(y));
    }
  return rgb;
}

/** Lines end at multiples of four bytes. */
function rowBytes({ width, bits }: Pick<BmpHeader, 'width' | 'bits'>): number {
  return Math.ceil((width * bits) / 32) * 4;
}

function decodeTrueColour(bytes: Buffer, row: number, rgb: Buffer, to: number, width: number): void {
  for (let i = 0; i < 3 * width; i += 3) {
    rgb[to + i] = bytes[row + i + 2] ?? 0;
    rgb[to + i + 1] = bytes[row + i + 1] ?? 0;
    rgb[to + i + 2] = bytes[row + i] ?? 0;
  }
}

function decodeIndexed(bytes: Buffer, header: BmpHeader, row: number, rgb: Buffer, to: number): void {
  const { bits, width } = header;
  const [perByte, mask] = [8 / bits, 2 ** bits - 1];
  for (let x = 0; x < width; x++) {
    const shift = 8 - bits - (x % perByte) * bits;
    setColour(bytes, header, ((bytes[row + Math.floor(x / perByte)] ?? 0) >> shift) & mask, rgb, to + 3 * x);
  }
}

function decodeMasked(bytes: Buffer, { bits, width, masks }: BmpHeader, row: number, rgb: Buffer, to: number): void {
  const channels = masks.map((mask) => {
    const shift = mask === 0 ? 0 : 31 - Math.clz32(mask & -mask);
    return { mask, shift, scale: mask === 0 ? 0 : 255 / (mask >>> shift) };
  });
  for (let x = 0; x < width; x++) {
    const pixel = bits === 16 ? bytes.readUInt16LE(row + 2 * x) : bytes.readUInt32LE(row + 4 * x);
    for (const [c, { mask, shift, scale }] of channels.entries())
      rgb[to + 3 * x + c] = Math.round(((pixel & mask) >>> shift) * scale);
  }
}

/** Run-length encoding. What it skips stays black. */
function decodeRuns(bytes: Buffer, header: BmpHeader, rgb: Buffer, line: (y: number) => number): void {
  const { width, height, bits } = header;
  let [x, y, at] = [0, 0, header.pixels];
  const next = () => {
    const byte = bytes[at++];
    if (byte === undefined) throw new PictureProblem('its pixels are cut off');
    return byte;
  };
  const put = (colour: number) => {
    if (x < width) setColour(bytes, header, colour, rgb, line(y) + 3 * x);
    x++;
  };
  while (y < height) {
    const [count, value] = [next(), next()];
    // Some programs let a run end after the line's end, to fill a byte; none begins there.
    if ((count > 0 || value > 2) && x >= width)
      throw new PictureProblem('a run of its pixels lies outside the picture');
    if (count > 0) {
      for (let i = 0; i < count; i++) put(bits === 8 ? value : i % 2 === 0 ? value >> 4 : value & 15);
    } else if (value === 0) [x, y] = [0, y + 1];
    else if (value === 1) return;
    else if (value === 2) [x, y] = [x + next(), y + next()];
    else {
      const begin = at;
      for (let i = 0; i < value; i++) {
        const byte = bits === 8 || i % 2 === 0 ? next() : (bytes[at - 1] ?? 0);
        put(bits === 8 ? byte : i % 2 === 0 ? byte >> 4 : byte & 15);
      }
      // Such a run ends at an even byte.
      at += (at - begin) % 2;
    }
  }
}

function setColour(
  bytes: Buffer,
  { palette, entry, colours }: BmpHeader,
  index: number,
  rgb: Buffer,
  to: number,
): void {
  if (index >= colours) return;
  const from = palette + entry * index;
  rgb[to] = bytes[from + 2] ?? 0;
  rgb[to + 1] = bytes[from + 1] ?? 0;
  rgb[to + 2] = bytes[from] ?? 0;
}
