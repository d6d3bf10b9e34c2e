import { GraftError } from '../errors.js';
import type { FingerprintStore } from './fingerprint-store.js';
import type { InspectOptions } from './scan.js';
import type { Augmentation, ResizeMode } from './types.js';

export interface ImageOptions extends InspectOptions {
  /** [height, width] in pixels. */
  readonly size: readonly [number, number];
  /** Fraction of each class kept for validation, in (0, 1). Default 0.2. Ignored where the data brings its own split. */
  readonly validation?: number;
  /**
   * Fraction of each class kept for a test, in (0, 1): what a model is measured on at the end, and nothing is chosen by. Default: none.
   * Ignored where the data brings its own.
   */
  readonly test?: number;
  /**
   * What pictures of one group have in their file name (or their path), for instance `/^(patient\d+)_/`: they stay on one side of the
   * split. What the first pair of brackets matches is the group; without brackets, all that the pattern matches.
   */
  readonly group?: RegExp | string;
  /** Whether to look for pictures that are the same one saved again, and keep them on one side of the split. Default true. */
  readonly nearDuplicates?: boolean;
  /** What is known of pictures' looks already. */
  readonly fingerprints?: FingerprintStore;
  /** Decides the split and the augmentation. Default 0. */
  readonly seed?: number;
  /** Default `crop`. */
  readonly resize?: ResizeMode;
  readonly augment?: Augmentation;
}

/** Reading a picture takes this part of the time, decoding it the rest. */
export const readingShare = 0.1;

/** The options of a reader that looks for files before it looks at pictures: both are one progress. */
export function readerOptions<Options extends ImageOptions>(options: Options): Options {
  const { onProgress, nearDuplicates = true } = options;
  if (onProgress === undefined || !nearDuplicates) return options;
  return {
    ...options,
    onProgress: (done: number, total: number) => {
      onProgress(Math.floor(done * readingShare), total);
    },
  };
}

/** @throws GraftError for an option that cannot be. */
export function checkOptions({ size: given, validation = 0.2, test, seed = 0, augment }: ImageOptions): void {
  const size: readonly number[] = given;
  const wrong = (message: string, action: string) => new GraftError(`imageFolder: ${message}`, { action });
  if (size.length !== 2 || size.some((side) => !Number.isInteger(side) || side < 8 || side > 4096)) {
    throw wrong(`size is [${size.join(', ')}].`, 'It is [height, width] in pixels, each from 8 to 4096.');
  }
  if (!(validation > 0 && validation < 1))
    throw wrong(`validation is ${validation}.`, 'It is a fraction between 0 and 1, for instance 0.2.');
  if (test !== undefined && !(test > 0 && test < 1))
    throw wrong(
      `test is ${test}.`,
      'It is a fraction between 0 and 1, for instance 0.1; leave it out for no test set.',
    );
  if (validation + (test ?? 0) >= 1)
    throw wrong(
      `validation is ${validation} and test is ${test ?? 0}.`,
      'Together they must leave pictures to learn from.',
    );
  if (!Number.isInteger(seed)) throw wrong(`seed is ${seed}.`, 'It is a whole number.');
  const { crop = 0, color = 0, rotation = 0, views = 4 } = augment ?? {};
  if (!(crop >= 0 && crop <= 0.9)) throw wrong(`augment.crop is ${crop}.`, 'It is a fraction from 0 to 0.9.');
  if (!(color >= 0 && color <= 1)) throw wrong(`augment.color is ${color}.`, 'It is from 0 to 1.');
  if (!(rotation >= 0 && rotation <= 180))
    throw wrong(`augment.rotation is ${rotation}.`, 'It is in degrees, from 0 to 180.');
  if (!Number.isInteger(views) || views < 1) throw wrong(`augment.views is ${views}.`, 'It is a whole number from 1.');
}
