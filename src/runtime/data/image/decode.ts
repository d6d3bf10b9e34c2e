import type { Task } from '../../../protocol/index.js';
import sharp, { type Sharp } from 'sharp';

import { GraftError, messageOf } from '../../../common/errors.js';
import { sha256 } from '../../../common/hash.js';
import { ChangedExample } from '../changed-example.js';
import { augmentPixels, type Jitter, jitterOf, renderedSize } from './augment.js';
import { PictureProblem } from './damage.js';
import type { DecodedPictures } from './decoded.js';
import { readIdxImage, type IdxImage } from './idx-file.js';
import type { PictureSize } from './picture-header.js';
import { withPicture } from './picture.js';
import type { Example } from '../example.js';
import type { Augmentation, ImageSource, ResizeMode } from './form.js';
import type { ImageExample } from './types.js';
import { imageWords } from '../words.js';

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

type Decoded = { readonly index: number } & ({ readonly pixels: Uint8Array } | { readonly error: GraftError });

/** Cached views of each training picture: 1, or `augment.views` (default 4). */
export function viewCount({ augment }: Pick<ViewSpec, 'augment'>): number {
  return augment === undefined ? 1 : (augment.views ?? 4);
}

/** How pictures are decoded and resized: what an earlier way gave must not be found in a cache. */
export const decodingVersion = 3;

/** What decides a view's pixels besides the picture's content. View 0 is the picture as it is. */
export function viewKey(
  { size, resize, augment, seed }: ViewSpec,
  example: Pick<Example, 'hash'>,
  view: number,
): string {
  const plain = `${size.join('x')} ${resize} ${decodingVersion}`;
  if (view === 0 || augment === undefined) return plain;
  // 2: how `augmentPixels` computes; what an earlier way gave must not be found in the cache.
  return `${plain} ${view} 2 ${JSON.stringify(jitterOf(augment, seed, example.hash, view))}`;
}

/**
 * One view of a picture: [height, width, 3], RGB, 8 bit.
 *
 * @throws ChangedExample when it is not the picture that the example's hash stands for: what is computed from it would be kept
 * under the hash of another.
 * @throws GraftError that names the file.
 */
export async function decodeView(example: ImageExample<Task>, spec: ViewSpec, view: number): Promise<Uint8Array> {
  const jitter =
    view === 0 || spec.augment === undefined ? undefined : jitterOf(spec.augment, spec.seed, example.hash, view);
  const { source } = example;
  const decoded = view === 0 ? spec.decoded?.take(example.hash) : undefined;
  if (decoded !== undefined) return decoded;
  if (source.kind === 'idx') {
    const image = await readIdxImage(source.path, source.index);
    if (sha256(image.pixels) !== example.hash) throw new ChangedExample(example.id, imageWords);
    return await render(rawPipeline(image), image, spec, jitter);
  }
  const options = { maxPixels: spec.maxPixels, hash: example.hash };
  return await withPicture(source.path, options, (open, whole) => render(open, whole, spec, jitter));
}

/**
 * The pixels of a picture file, [height, width, 3], RGB, 8 bit.
 *
 * @param hash SHA-256 (hex) that its content must have. Default: whatever is in it.
 * @throws ChangedExample when it is another one.
 * @throws GraftError that names the file.
 */
export async function decodeFile(
  file: string,
  spec: Pick<ViewSpec, 'size' | 'resize' | 'maxPixels'>,
  hash?: string,
): Promise<Uint8Array> {
  const options = { maxPixels: spec.maxPixels, ...(hash === undefined ? {} : { hash }) };
  return await withPicture(file, options, (open, whole) => render(open, whole, spec, undefined));
}

/**
 * Decodes many views, several at a time, in order. Looks ahead only as far as the pictures being decoded, so that memory
 * does not grow with their number. A picture that cannot be decoded gives an error in its place.
 */
export async function* decodeMany(
  items: Iterable<{ readonly example: ImageExample<Task>; readonly view: number }>,
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

async function decodeOne(index: number, example: ImageExample<Task>, spec: ViewSpec, view: number): Promise<Decoded> {
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

/** A small JPEG of a picture, `side` pixels square; `whole`: with all of it, and neither side longer. @throws GraftError that names the file. */
export async function thumbnail(source: ImageSource, side: number, whole = false): Promise<Buffer> {
  const fit = whole ? ({ fit: 'inside', withoutEnlargement: true } as const) : ({ fit: 'cover' } as const);
  const shrink = (open: () => Sharp) => open().resize(side, side, fit).jpeg({ quality: 80 }).toBuffer();
  if (source.kind === 'idx') return await shrink(rawPipeline(await readIdxImage(source.path, source.index)));
  return await withPicture(source.path, {}, shrink);
}

function rawPipeline({ pixels, width, height, channels }: IdxImage): () => Sharp {
  return () => sharp(pixels, { raw: { width, height, channels } }).toColourspace('srgb');
}

/**
 * What trainings, `evaluate`, `predict` and the editor see of a picture: its pixels as they are, upright and whole, then resized. Exports
 * compute the same from decoded pixels. Left alone, sharp would decode a large JPEG smaller, and turn a picture after resizing it: asking
 * for all of it first prevents both.
 */
async function render(
  open: () => Sharp,
  whole: PictureSize,
  { size: [height, width], resize }: Pick<ViewSpec, 'size' | 'resize'>,
  jitter: Jitter | undefined,
): Promise<Uint8Array> {
  const fit = { crop: 'cover', pad: 'contain', stretch: 'fill' } as const;
  const [renderedHeight, renderedWidth] =
    jitter === undefined ? [height, width] : renderedSize([height, width], jitter);
  const { data, info } = await open()
    .extract({ left: 0, top: 0, width: whole.width, height: whole.height })
    .resize(renderedWidth, renderedHeight, { fit: fit[resize], background: '#ffffff' })
    .removeAlpha()
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  if (info.channels !== 3) throw new PictureProblem(`it has ${info.channels} channels after conversion to RGB`);
  return jitter === undefined ? data : augmentPixels(data, info, [height, width], jitter);
}
