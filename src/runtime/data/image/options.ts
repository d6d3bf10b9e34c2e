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
  wholeFrom,
  yesOrNo,
} from '../../../common/check-options.js';
import type { FingerprintStore } from './fingerprint-store.js';
import type { InspectOptions } from './scan.js';
import { checkSides, splitOptions, type SplitOptions } from '../split-options.js';
import type { Augmentation, ResizeMode } from './form.js';
import { imageWords } from '../words.js';

export interface ImageOptions extends InspectOptions, SplitOptions {
  /** [height, width] in pixels. */
  readonly size: readonly [number, number];
  /** Whether to look for pictures that are the same one saved again, and keep them on one side of the split. Default true. */
  readonly nearDuplicates?: boolean;
  /** What is known of pictures' looks already. */
  readonly fingerprints?: FingerprintStore;
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

const augmentation: OptionTable<Augmentation> = {
  flip: yesOrNo,
  crop: number('a fraction from 0 to 0.9', (value) => value >= 0 && value <= 0.9),
  rotation: number('in degrees, from 0 to 180', (value) => value >= 0 && value <= 180),
  color: number('a number from 0 to 1', (value) => value >= 0 && value <= 1),
  views: wholeFrom(1),
};

const { seed, ...sides } = splitOptions;

/** The options of every reader. */
const imageOptions: OptionTable<ImageOptions> = {
  size: required(pictureSize),
  ...sides,
  nearDuplicates: yesOrNo,
  seed,
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
  checkSides(reader, options, imageWords);
}
