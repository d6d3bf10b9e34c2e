import sharp, { type Metadata } from 'sharp';

import { PictureProblem } from './damage.js';
import { tiffDirectory, tiffTags } from './tiff-directory.js';

/** What the samples of a TIFF are, where they are not bytes. */
export type TiffSamples = Pick<Metadata, 'space' | 'channels'> & { readonly type: 'float' | 'integer' };

interface ScaledPixels {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  /** 8 bit, [height, width, channels]; upright. */
  readonly pixels: Buffer;
}

/** Values that mean white; the first that holds a picture is taken. Cameras put 10, 12 and 14 bits into 16; programs put all into 32. */
const whites = {
  float: [1, 255, 65_535],
  integer: [255, 1023, 4095, 16_383, 65_535],
  signed16: [255, 1023, 4095, 16_383, 32_767],
} as const;

/** @throws PictureProblem where it is not known what the samples mean. */
export function samplesOf(bytes: Buffer, { space, channels, depth }: Metadata): TiffSamples {
  const { entries } = tiffDirectory(bytes);
  const bits = entries.get(tiffTags.bitsPerSample)?.[0];
  const type = depth === 'float' ? 'float' : 'integer';
  const isGrey = /^(b-w|grey16)$/.test(space);
  const isKnown = (isGrey && channels <= 2) || (/^(srgb|rgb16|scrgb)$/.test(space) && channels <= 4);
  if (!isKnown || !/^(char|u?short|u?int|float)$/.test(depth) || (type === 'float' && bits !== 32))
    throw new PictureProblem(
      `it has ${channels} × ${bits ?? '?'} bits a pixel, of type ${depth}, and what colours they mean is not known; save it with 8 bits`,
    );
  return { space, channels, type };
}

/**
 * The pixels of a TIFF whose samples are not bytes, as bytes: no two programs mean the same by them. White is the smallest of the usual
 * values that holds the picture; where its samples are below zero, or above all of those, black is its darkest and white its brightest.
 *
 * @returns undefined where all 16 bits are in use.
 */
export async function scaledPixels(
  bytes: Buffer,
  { space, channels, type }: TiffSamples,
): Promise<ScaledPixels | undefined> {
  const { entries } = tiffDirectory(bytes);
  const first = (tag: number) => entries.get(tag)?.[0];
  const [bits, format] = [first(tiffTags.bitsPerSample), first(tiffTags.sampleFormat)];
  const isNegative = first(tiffTags.photometric) === 0;
  const is16 = type === 'integer' && bits === 16;
  const isSigned = is16 && format === 2;
  // Samples of 16 bits are taken as they lie there: the library takes those below zero for zero, and turns some negatives around.
  const plain = withTags(bytes, [
    ...(isSigned ? [[tiffTags.sampleFormat, 1] as const] : []),
    ...(isNegative ? [[tiffTags.photometric, 1] as const] : []),
  ]);
  const { data, info } = await sharp(plain, { failOn: 'warning', limitInputPixels: false })
    .autoOrient()
    .toColourspace(space)
    .raw({ depth: is16 ? 'ushort' : 'float' })
    .toBuffer({ resolveWithObject: true });
  const { buffer, byteOffset } = data;
  const count = info.width * info.height * info.channels;
  const samples = isSigned
    ? new Int16Array(buffer, byteOffset, count)
    : is16
      ? new Uint16Array(buffer, byteOffset, count)
      : new Float32Array(buffer, byteOffset, count);
  const colours = channels < 3 ? 1 : 3;
  // As GDAL writes what is no sample.
  const text = String.fromCharCode(...(entries.get(tiffTags.noData) ?? []).slice(0, 32)).replace(/\0.*/, '');
  const nothing = text === '' ? NaN : Math.fround(Number(text));
  const range = rangeOf(samples, info.channels, colours, nothing);
  const announced = [tiffTags.maxSampleValue, tiffTags.largestSample].flatMap((tag) => entries.get(tag) ?? []);
  const [black, white] = blackAndWhite(range, Math.max(0, ...announced), isSigned ? 'signed16' : type);
  if (is16 && white === 65_535) return undefined;
  const scale = white > black ? 255 / (white - black) : 0;
  const pixels = Buffer.alloc(info.width * info.height * colours);
  for (let from = 0, to = 0; from < count; from += info.channels)
    for (let c = 0; c < colours; c++) {
      const sample = samples[from + c] ?? 0;
      const value =
        sample === nothing || Number.isNaN(sample) ? 0 : Math.min(255, Math.max(0, (sample - black) * scale));
      pixels[to++] = Math.round(isNegative ? 255 - value : value);
    }
  return { width: info.width, height: info.height, channels: colours, pixels };
}

function rangeOf(samples: ArrayLike<number>, channels: number, colours: number, nothing: number): [number, number] {
  let [least, most] = [Infinity, -Infinity];
  for (let from = 0; from < samples.length; from += channels)
    for (let c = 0; c < colours; c++) {
      const sample = samples[from + c] ?? 0;
      if (sample === nothing || !Number.isFinite(sample)) continue;
      if (sample < least) least = sample;
      if (sample > most) most = sample;
    }
  return least > most ? [0, 0] : [least, most];
}

/** @param announced what the file says is its largest sample: some write it, others what it may be. */
function blackAndWhite(
  [least, most]: readonly [number, number],
  announced: number,
  type: keyof typeof whites,
): [number, number] {
  const largest = Math.max(most, announced);
  // Filters leave floats a little outside, where there are bright ones.
  const over = type === 'float' ? 0.01 : 0;
  const white = whites[type].find(
    (one) => (least >= 0 || (least >= -over * one && largest > one / 2)) && largest <= (1 + over) * one,
  );
  return white === undefined ? [Math.min(0, least), most] : [0, white];
}

/** The same file with other values of some tags. */
function withTags(bytes: Buffer, values: readonly (readonly [tag: number, value: number])[]): Buffer {
  if (values.length === 0) return bytes;
  const changed = Buffer.from(bytes);
  const { entries, shorts, isLittle } = tiffDirectory(bytes);
  for (const [tag, value] of values) {
    const from = shorts.get(tag);
    if (from === undefined) continue;
    for (let i = 0; i < (entries.get(tag)?.length ?? 0); i++)
      if (isLittle) changed.writeUInt16LE(value, from + 2 * i);
      else changed.writeUInt16BE(value, from + 2 * i);
  }
  return changed;
}
