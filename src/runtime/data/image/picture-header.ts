import sharp from 'sharp';

import { GraftError } from '../../../common/errors.js';
import { bmpHeader } from './bmp.js';
import { PictureProblem, reading } from './damage.js';
import { formatNames, formatOf, type Format } from './formats.js';
import { checkFrames } from './frames.js';
import { heicMemory, type HeicHeader } from './heic/decode.js';
import { otherKind } from './other-kinds.js';
import { samplesOf, type TiffSamples } from './tiff-samples.js';

export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** What a picture is, before any memory is spent on its pixels. */
export interface PictureHeader extends PictureSize {
  readonly format: Format;
  /** What decoding takes at most, as measured: a progressive jpg is held twice, in 16 bits. */
  readonly bytesToDecode: number;
  /** With its colour profile, where it has one. */
  readonly heic?: HeicHeader & { readonly profile: Buffer | undefined };
  /** Of a TIFF, where they are not bytes. */
  readonly samples?: TiffSamples;
}

/** @throws GraftError for what is no picture that is read. */
export async function headerOf(bytes: Buffer, file: string): Promise<PictureHeader> {
  const action = 'Replace it or delete it.';
  const format = formatOf(bytes);
  if (format === undefined) {
    const kind = otherKind(bytes);
    throw new GraftError(
      kind === undefined
        ? `${file} is not a picture: it is none of ${formatNames}.`
        : `${file} cannot be used: it is ${kind}, none of ${formatNames}.`,
      { action },
    );
  }
  const header = await reading(file, 'header', { bytes, format }, () => readHeader(bytes, format));
  if (!(header.width > 0 && header.height > 0)) throw new GraftError(`${file} has no pixels.`, { action });
  return header;
}

async function readHeader(bytes: Buffer, format: Format): Promise<PictureHeader> {
  if (format.name === 'bmp') {
    const { width, height } = bmpHeader(bytes);
    return { format, width, height, bytesToDecode: 7 * width * height };
  }
  checkFrames(bytes, format.name);
  const found = await sharp(bytes, { limitInputPixels: false }).metadata();
  const { autoOrient, channels, depth, compression, icc } = found;
  if (found.format !== format.library || (format.library === 'heif' && compression !== compressions[format.name]))
    throw new PictureProblem(`it begins as ${format.name} and is not`);
  const { width, height } = autoOrient;
  if (format.name === 'heic') {
    const heic = { width, height, hasAlpha: found.hasAlpha, isDeep: depth !== 'uchar' };
    // What is decoded is copied into a file, and read from there.
    const bytesToDecode = heicMemory(heic) + 3 * channels * width * height;
    return { format, width, height, bytesToDecode, heic: { ...heic, profile: icc } };
  }
  if (format.name === 'tiff' && depth !== 'uchar') {
    // As the library has them, as they are handed over, and as bytes; and once more where they are left as they are.
    const bytesToDecode = channels * (4 + 4 + 1 + 4) * width * height;
    return { format, width, height, bytesToDecode, samples: samplesOf(bytes, found) };
  }
  const bytesPerPixel = format.name === 'avif' ? 26 : 2 * channels * (depth === 'ushort' ? 2 : 1) + 1;
  return { format, width, height, bytesToDecode: bytesPerPixel * width * height };
}

/** What lies in the two formats of one container. */
const compressions = { avif: 'av1', heic: 'hevc' } as const;
