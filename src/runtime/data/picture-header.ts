import sharp from 'sharp';

import { GraftError, messageOf } from '../errors.js';
import { bmpHeader } from './bmp.js';
import { formatNames, formatOf, otherKind, type Format } from './formats.js';
import { checkFrames } from './frames.js';

export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** What a picture is, before any memory is spent on its pixels. */
export interface PictureHeader extends PictureSize {
  readonly format: Format;
  /** What decoding takes at most, as measured: a progressive jpg is held twice, in 16 bits. */
  readonly bytesToDecode: number;
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
  const header = await readHeader(bytes, format).catch((error: unknown) => {
    throw new GraftError(`${file} is not a picture: ${firstLine(error)}.`, { action, cause: error });
  });
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
  const { autoOrient, channels, depth } = found;
  if (found.format !== format.library) throw new Error(`it begins as ${format.name} and is not`);
  if (depth !== 'uchar' && depth !== 'ushort')
    throw new Error(
      `its samples are of type ${depth}, and how bright they are meant is not known; save it with 8 or 16 bits`,
    );
  const bytesPerPixel = format.name === 'avif' ? 26 : 2 * channels * (depth === 'ushort' ? 2 : 1) + 1;
  const { width, height } = autoOrient;
  return { format, width, height, bytesToDecode: bytesPerPixel * width * height };
}

/** libvips says the same thing in several lines. */
export function firstLine(error: unknown): string {
  return (messageOf(error).split('\n')[0] ?? '').replace(/\.$/, '');
}
