import { readFile, stat } from 'node:fs/promises';

import { decode as decodeBmp } from 'bmp-ts';
import sharp, { type Sharp } from 'sharp';

import { GraftError, messageOf } from '../errors.js';

// Many small pictures at once beat many threads on one picture, and nothing is ever decoded twice in a row.
sharp.concurrency(1);
sharp.cache(false);

export const pictureExtensions: ReadonlySet<string> = new Set([
  '.jpg',
  '.jpeg',
  '.png',
  '.webp',
  '.gif',
  '.bmp',
  '.tif',
  '.tiff',
  '.avif',
]);

/** Larger pictures are refused from their header, before any memory is spent on their pixels. */
export const defaultMaxPixels = 100_000_000;
const maxBytes = 512 << 20;

export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** Reads a picture file. @throws GraftError for an empty, unreadable or huge file. */
export async function readPicture(file: string): Promise<Buffer> {
  const bytes = await stat(file)
    .then(({ size }) => {
      if (size > maxBytes)
        throw new GraftError(`${file} has ${Math.round(size / 1e6)} MB.`, {
          action: 'Save it smaller: at most 512 MB.',
        });
      return readFile(file);
    })
    .catch((error: unknown) => {
      if (error instanceof GraftError) throw error;
      throw new GraftError(`${file} cannot be read: ${messageOf(error)}`, {
        action: 'Check the file and its permissions.',
        cause: error,
      });
    });
  if (bytes.length === 0) throw new GraftError(`${file} is empty (0 bytes).`, { action: 'Replace it or delete it.' });
  return bytes;
}

/** Width and height from the header, as displayed (EXIF orientation applied). @throws GraftError when it is not a picture. */
export async function pictureSize(bytes: Buffer, file: string): Promise<PictureSize> {
  const size = isBmp(bytes)
    ? { width: bytes.readInt32LE(18), height: Math.abs(bytes.readInt32LE(22)) }
    : await sharp(bytes, { limitInputPixels: false })
        .metadata()
        .then(({ autoOrient }) => autoOrient)
        .catch((error: unknown) => {
          const why = messageOf(error).includes('unsupported image format')
            ? 'it is none of jpg, png, webp, gif, bmp, tiff and avif'
            : messageOf(error);
          throw new GraftError(`${file} is not a picture: ${why}.`, {
            action: 'Replace it or delete it.',
            cause: error,
          });
        });
  if (!(size.width > 0 && size.height > 0))
    throw new GraftError(`${file} has no pixels.`, { action: 'Replace it or delete it.' });
  return size;
}

/** Before any memory is spent on the pixels. @throws GraftError for a picture over the limit. */
export function checkPixels({ width, height }: PictureSize, file: string, maxPixels: number): void {
  if (width * height <= maxPixels) return;
  throw new GraftError(`${file} has ${width} × ${height} pixels, more than the limit of ${maxPixels / 1e6} million.`, {
    action: 'Save it smaller, or raise maxPixels.',
  });
}

/**
 * A sharp pipeline for a picture of any supported format: upright, on white, 8-bit RGB, first frame. A truncated or
 * damaged picture fails when the pipeline runs.
 */
export function pipelineOf(bytes: Buffer): Sharp {
  if (isBmp(bytes)) {
    const { data, width, height } = decodeBmp(bytes, { toRGBA: true });
    // Most 24-bit files leave the alpha byte 0.
    for (let i = 3; i < data.length; i += 4) data[i] = 255;
    return rgb(sharp(data, { raw: { width, height, channels: 4 } }));
  }
  return rgb(sharp(bytes, { failOn: 'warning', limitInputPixels: false }).autoOrient());
}

function rgb(pipeline: Sharp): Sharp {
  return pipeline.flatten({ background: '#ffffff' }).toColourspace('srgb');
}

function isBmp(bytes: Buffer): boolean {
  return bytes.length > 54 && bytes[0] === 0x42 && bytes[1] === 0x4d;
}
