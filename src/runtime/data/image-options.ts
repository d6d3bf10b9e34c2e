import {
  checkOptions,
  internal,
  number,
  object,
  oneOf,
  type OptionTable,
  pictureSize,
  positive,
  required,
  type Rule,
  whole,
  wholeFrom,
  yesOrNo,
} from '../../common/check-options.js';
import { GraftError } from '../../common/errors.js';
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

const fraction = (example: number, more = '') =>
  number(`a fraction between 0 and 1, for instance ${example}${more}`, (value) => value > 0 && value < 1);

const augmentation: OptionTable<Augmentation> = {
  flip: yesOrNo,
  crop: number('a fraction from 0 to 0.9', (value) => value >= 0 && value <= 0.9),
  rotation: number('in degrees, from 0 to 180', (value) => value >= 0 && value <= 180),
  color: number('a number from 0 to 1', (value) => value >= 0 && value <= 1),
  views: wholeFrom(1),
};

/** The options of every reader. */
export const imageOptions: OptionTable<ImageOptions> = {
  size: required(pictureSize),
  validation: fraction(0.2),
  test: fraction(0.1, '; leave it out for no test set'),
  group: {
    is: 'a regular expression, for instance /^(patient\\d+)_/',
    holds: (value) => value instanceof RegExp || typeof value === 'string',
  },
  nearDuplicates: yesOrNo,
  seed: whole,
  resize: oneOf('crop', 'pad', 'stretch' satisfies ResizeMode),
  augment: object(augmentation, 'an object, for instance { flip: true, crop: 0.2 }'),
  maxPixels: positive,
  index: internal,
  fingerprints: internal,
  onProgress: internal,
};

/** @throws GraftError for an option that cannot be. */
export function checkImageOptions(
  reader: string,
  options: ImageOptions,
  more: Readonly<Record<string, Rule>> = {},
): void {
  checkOptions(reader, options, { ...imageOptions, ...more });
  const { validation = 0.2, test = 0 } = options;
  if (validation + test >= 1)
    throw new GraftError(`${reader}: validation is ${validation} and test is ${test}.`, {
      action: 'Together they must leave pictures to learn from.',
    });
}
