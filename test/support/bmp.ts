/** What a test wants to have in a BMP file; the rest is usual. */
export interface BmpParts {
  readonly width: number;
  /** Negative: the first line comes first. */
  readonly height: number;
  readonly bits: number;
  readonly compression?: number;
  /** Red, green, blue of each colour. */
  readonly palette?: readonly (readonly [number, number, number])[];
  readonly masks?: readonly number[];
  /** The lines of pixels as they lie in the file. */
  readonly data: Uint8Array;
}

/** A BMP file with the common header of 40 bytes. */
export function bmp({ width, height, bits, compression = 0, palette = [], masks = [], data }: BmpParts): Buffer {
  const header = Buffer.alloc(54);
  const pixels = 54 + 4 * masks.length + 4 * palette.length;
  header.write('BM', 0, 'latin1');
  header.writeUInt32LE(pixels + data.length, 2);
  header.writeUInt32LE(pixels, 10);
  header.writeUInt32LE(40, 14);
  header.writeInt32LE(width, 18);
  header.writeInt32LE(height, 22);
  header.writeUInt16LE(1, 26);
  header.writeUInt16LE(bits, 28);
  header.writeUInt32LE(compression, 30);
  header.writeUInt32LE(palette.length, 46);
  const words = Buffer.alloc(4 * masks.length);
  masks.forEach((mask, i) => words.writeUInt32LE(mask, 4 * i));
  const colours = Buffer.from(palette.flatMap(([red, green, blue]) => [blue, green, red, 0]));
  return Buffer.concat([header, words, colours, data]);
}

/** A BMP file of 24 bits from RGB pixels, [height, width, 3]. */
export function bmpOf(rgb: Uint8Array, width: number, height: number): Buffer {
  const row = Math.ceil((3 * width) / 4) * 4;
  const data = Buffer.alloc(row * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < 3; c++) data[(height - 1 - y) * row + 3 * x + 2 - c] = rgb[(y * width + x) * 3 + c] ?? 0;
  return bmp({ width, height, bits: 24, data });
}
