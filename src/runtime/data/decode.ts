import sharp, { type Sharp } from 'sharp';

import { GraftError, messageOf } from '../errors.js';
import { augmentPixels, type Jitter, jitterOf, renderedSize } from './augment.js';
import type { DecodedPictures } from './decoded.js';
import { readIdxImage } from './idx-file.js';
import { checkPixels, defaultMaxPixels, pictureSize, pipelineOf, readPicture } from './picture.js';
import type { Augmentation, ImageDataset, ImageExample, ResizeMode } from './types.js';

/** How pictures become pixels of one size. */
export interface ViewSpec {
  /** [height, width] in pixels. */
  readonly size: readonly [number, number];
  readonly resize: ResizeMode;
  readonly augment: Augmentation | undefined;
  readonly seed: number;
  /** Default 100 million. */
  readonly maxPixels?: number;
  /** Pictures as they are that were decoded before. */
  readonly decoded?: DecodedPictures | undefined;
}

export type Decoded = { readonly index: number } & ({ readonly pixels: Uint8Array } | { readonly error: GraftError });

/** How the pictures of a data set become pixels. */
export function viewSpec({ size, resize, augment, seed, maxPixels, decoded }: ImageDataset): ViewSpec {
  return { size, resize, augment, seed, maxPixels, decoded };
}

/** Cached views of each training picture: 1, or `augment.views` (default 4). */
export function viewCount(data: Pick<ImageDataset, 'augment'>): number {
  return data.augment === undefined ? 1 : (data.augment.views ?? 4);
}

/** What decides a view's pixels besides the picture's content. View 0 is the picture as it is. */
export function viewKey({ size, resize, augment, seed }: ViewSpec, example: ImageExample, view: number): string {
  const plain = `${size.join('x')} ${resize}`;
  if (view === 0 || augment === undefined) return plain;
  // 2: how `augmentPixels` computes; what an earlier way gave must not be found in the cache.
  return `${plain} ${view} 2 ${JSON.stringify(jitterOf(augment, seed, example.hash, view))}`;
}

/** One view of a picture: [height, width, 3], RGB, 8 bit. @throws GraftError that names the file. */
export async function decodeView(example: ImageExample, spec: ViewSpec, view: number): Promise<Uint8Array> {
  const jitter =
    view === 0 || spec.augment === undefined ? undefined : jitterOf(spec.augment, spec.seed, example.hash, view);
  const { source } = example;
  const decoded = view === 0 ? spec.decoded?.take(example.hash) : undefined;
  if (decoded !== undefined) return decoded;
  if (source.kind === 'idx') {
    const { pixels, width, height, channels } = await readIdxImage(source.path, source.index);
    return await render(rawPipeline(pixels, width, height, channels), example.id, spec, jitter);
  }
  return await decodeFile(source.path, spec, jitter);
}

/** The pixels of a picture file, [height, width, 3], RGB, 8 bit. @throws GraftError that names the file. */
export async function decodeFile(
  file: string,
  spec: Omit<ViewSpec, 'augment' | 'seed'>,
  jitter?: Jitter,
): Promise<Uint8Array> {
  const bytes = await readPicture(file);
  checkPixels(await pictureSize(bytes, file), file, spec.maxPixels ?? defaultMaxPixels);
  return await render(() => pipelineOf(bytes), file, spec, jitter);
}

/**
 * Decodes many views, several at a time, in order. Looks ahead only as far as the pictures being decoded, so that memory
 * does not grow with their number. A picture that cannot be decoded gives an error in its place.
 */
export async function* decodeMany(
  items: Iterable<{ readonly example: ImageExample; readonly view: number }>,
  spec: ViewSpec,
  { concurrency = 16 }: { concurrency?: number } = {},
): AsyncGenerator<Decoded> {
  const queue: Promise<Decoded>[] = [];
  let index = 0;
  for (const { example, view } of items) {
    queue.push(decodeOne(index++, example, spec, view));
    const first = queue.length >= concurrency ? queue.shift() : undefined;
    if (first !== undefined) yield await first;
  }
  for (const decoded of queue) yield await decoded;
}

async function decodeOne(index: number, example: ImageExample, spec: ViewSpec, view: number): Promise<Decoded> {
  try {
    return { index, pixels: await decodeView(example, spec, view) };
  } catch (error) {
    if (error instanceof GraftError) return { index, error };
    return {
      index,
      error: new GraftError(`${example.id}: ${messageOf(error)}`, {
        action: 'Replace the file or delete it.',
        cause: error,
      }),
    };
  }
}

/** A small JPEG of a picture for reports, `side` pixels square. */
export async function thumbnail(example: Pick<ImageExample, 'source' | 'id'>, side = 96): Promise<Buffer> {
  const { source } = example;
  if (source.kind === 'idx') {
    const { pixels, width, height, channels } = await readIdxImage(source.path, source.index);
    return await rawPipeline(pixels, width, height, channels)().resize(side, side).jpeg({ quality: 80 }).toBuffer();
  }
  const bytes = await readPicture(source.path);
  checkPixels(await pictureSize(bytes, source.path), source.path, defaultMaxPixels);
  return await pipelineOf(bytes).resize(side, side, { fit: 'cover' }).jpeg({ quality: 80 }).toBuffer();
}

function rawPipeline(pixels: Uint8Array, width: number, height: number, channels: 1 | 3): () => Sharp {
  return () => sharp(pixels, { raw: { width, height, channels } }).toColourspace('srgb');
}

async function render(
  open: () => Sharp,
  name: string,
  { size: [height, width], resize }: Pick<ViewSpec, 'size' | 'resize'>,
  jitter: Jitter | undefined,
): Promise<Uint8Array> {
  const fit = { crop: 'cover', pad: 'contain', stretch: 'fill' } as const;
  const [renderedHeight, renderedWidth] =
    jitter === undefined ? [height, width] : renderedSize([height, width], jitter);
  try {
    const { data, info } = await open()
      .resize(renderedWidth, renderedHeight, { fit: fit[resize], background: '#ffffff' })
      .removeAlpha()
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    if (info.channels !== 3) throw new Error(`it has ${info.channels} channels after conversion to RGB`);
    return jitter === undefined ? data : augmentPixels(data, info, [height, width], jitter);
  } catch (error) {
    throw new GraftError(`${name} is damaged: ${messageOf(error).split('\n')[0] ?? ''}.`, {
      action: 'Replace the file or delete it.',
      cause: error,
    });
  }
}
