import type { Task } from '../../../protocol/index.js';
import type { Example } from '../example.js';
import type { DataReport, Dataset } from '../types.js';
import type { DecodedPictures } from './decoded.js';
import type { Augmentation, ImageSource, ResizeMode } from './form.js';

/** One labelled picture. */
export type ImageExample<T extends Task = 'classification'> = Example<T, ImageSource>;

export interface ImageDataset<T extends Task = 'classification'> extends Dataset<T, ImageSource> {
  /** [height, width] in pixels. */
  readonly size: readonly [number, number];
  readonly resize: ResizeMode;
  /** Larger pictures are not decoded. */
  readonly maxPixels: number;
  readonly augment: Augmentation | undefined;
  readonly report: ImageReport;
  /** Pictures that were decoded while reading, for the first pass over them. */
  readonly decoded?: DecodedPictures;
}

interface ImageReport extends DataReport {
  readonly widths: { readonly min: number; readonly median: number; readonly max: number };
  readonly heights: { readonly min: number; readonly median: number; readonly max: number };
}
