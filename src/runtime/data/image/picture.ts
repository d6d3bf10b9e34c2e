import { stat } from 'node:fs/promises';

import sharp, { type Sharp } from 'sharp';

import { GraftError } from '../../../common/errors.js';
import { sha256 } from '../../../common/hash.js';
import { readRegularFile } from '../../../common/read-file.js';
import { bmpHeader, decodeBmp } from './bmp.js';
import { Budget } from './budget.js';
import { ChangedExample } from '../changed-example.js';
import { reading } from './damage.js';
import type { Format } from './formats.js';
import { decodeHeic } from './heic/decode.js';
import { headerOf, type PictureHeader, type PictureSize } from './picture-header.js';
import { tiffOf } from './tiff-file.js';
import { scaledPixels } from './tiff-samples.js';
import { imageWords } from '../words.js';

// Many small pictures at once beat many threads on one picture, and nothing is ever decoded twice in a row.
sharp.concurrency(1);
sharp.cache(false);
// Of what sharp could open, drawings that run for minutes among it, only the formats that we list.
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({
  operation: ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Tiff', 'Heif'].map((loader) => `VipsForeignLoad${loader}`),
});

/** Larger pictures are refused from their header, before any memory is spent on their pixels. */
export const defaultMaxPixels = 100_000_000;
const maxBytes = 512 << 20;

/** What all files that are being read may take, and what all pictures that are being decoded. */
const files = new Budget(maxBytes);
const pixels = new Budget(1 << 30);

/** What a look at a picture finds. */
export interface PictureFacts extends PictureSize {
  /** SHA-256 (hex) of the file's content. */
  readonly hash: string;
  readonly format: Format['name'];
}

/** Content and header of a picture. @throws GraftError for what is no picture, or cannot be read. */
export async function lookAt(file: string): Promise<PictureFacts> {
  return await withFile(file, async (bytes) => {
    const { format, width, height } = await headerOf(bytes, file);
    return { hash: sha256(bytes), format: format.name, width, height };
  });
}

interface DecodeOptions {
  /** Default 100 million. */
  readonly maxPixels?: number | undefined;
  /** SHA-256 (hex) that the content must have. */
  readonly hash?: string;
}

/**
 * Hands out a picture of any supported format as a sharp pipeline: upright, on white, RGB, first frame; and its size then. A truncated or
 * damaged picture fails when the pipeline runs. Where many pictures are being decoded, it waits for its share of memory.
 *
 * @throws ChangedExample when the content is not that of `hash`.
 * @throws GraftError for what is no picture, cannot be read, or is over the limit.
 */
export async function withPicture<T>(
  file: string,
  { maxPixels = defaultMaxPixels, hash }: DecodeOptions,
  use: (open: () => Sharp, size: PictureSize) => Promise<T>,
): Promise<T> {
  return await withFile(file, async (bytes) => {
    // The hash is that of the bytes that are decoded, not the file's: it may change at any moment.
    if (hash !== undefined && sha256(bytes) !== hash) throw new ChangedExample(file, imageWords);
    const header = await headerOf(bytes, file);
    checkPixels({ ...header, format: header.format.name }, file, maxPixels);
    return await pixels.spend(header.bytesToDecode, () =>
      reading(file, 'pixels', { bytes, format: header.format }, async () =>
        use(await pipelineOf(bytes, header), header),
      ),
    );
  });
}

/** Before any memory is spent on the pixels. @throws GraftError for a picture over the limit. */
export function checkPixels(
  { width, height, format }: PictureSize & { readonly format?: Format['name'] },
  file: string,
  maxPixels: number,
): void {
  const isLarge = format === 'avif' || format === 'heic';
  const limit = isLarge ? maxPixels / 2 : maxPixels;
  if (width * height <= limit) return;
  const note = isLarge ? ` for ${format}, which takes more memory than others` : '';
  throw new GraftError(
    `${file} has ${width} × ${height} pixels, more than the limit of ${limit / 1e6} million${note}.`,
    {
      action: 'Save it smaller, or raise maxPixels.',
    },
  );
}

async function withFile<T>(file: string, use: (bytes: Buffer) => Promise<T>): Promise<T> {
  // What cannot be looked at cannot be read either, and that is said there.
  const size = await stat(file).then(
    (entry) => entry.size,
    () => 0,
  );
  return await files.spend(size, async () => {
    const bytes = await readRegularFile(file, maxBytes);
    if (bytes.length === 0) throw new GraftError(`${file} is empty (0 bytes).`, { action: 'Replace it or delete it.' });
    return await use(bytes);
  });
}

async function pipelineOf(bytes: Buffer, header: PictureHeader): Promise<() => Sharp> {
  const open = await openerOf(bytes, header);
  return () => open().flatten({ background: '#ffffff' }).toColourspace('srgb');
}

/** What sharp cannot read, or takes for something else, is decoded here. */
async function openerOf(bytes: Buffer, header: PictureHeader): Promise<() => Sharp> {
  const { format, width, height } = header;
  if (format.name === 'bmp') {
    const pixels = decodeBmp(bytes, bmpHeader(bytes));
    return () => sharp(pixels, { raw: { width, height, channels: 3 } });
  }
  const scaled = header.samples && (await scaledPixels(bytes, header.samples));
  if (scaled !== undefined) {
    const { pixels, ...raw } = scaled;
    return () => sharp(pixels, { raw });
  }
  const { heic } = header;
  const readable = heic === undefined ? bytes : tiffOf(await decodeHeic(bytes, heic), heic.profile);
  return () => sharp(readable, { failOn: 'warning', limitInputPixels: false }).autoOrient();
}
