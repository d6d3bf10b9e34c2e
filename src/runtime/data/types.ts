import type { NumberRange, Task } from '../../protocol/index.js';
import type { DecodedPictures } from './decoded.js';

/** What is known of an example and learnt about others. */
export interface LabelOf {
  /** Index into `classes`. */
  readonly classification: number;
  /** Indices into `classes`, which are the names of the labels. */
  readonly 'multi-label': readonly number[];
  /** A number for each of `classes`, which are the names of the numbers. */
  readonly regression: readonly number[];
}
export type Label<T extends Task = Task> = LabelOf[T];

/** One labelled picture. Immutable, small: 100,000 of these are a few tens of megabytes. */
export interface ImageExample<T extends Task = 'classification'> {
  /** Unique in its data set and readable: the path relative to the data folder, or `images.idx.gz#17`. */
  readonly id: string;
  readonly source: ImageSource;
  readonly label: Label<T>;
  /** SHA-256 (hex) of the file's content (of the pixels for IDX). Same content, same hash. */
  readonly hash: string;
}

export type ImageSource =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'idx'; readonly path: string; readonly index: number };

/** How a picture of another aspect ratio becomes `size`. Default `crop`: shorter side fits, centre kept. */
export type ResizeMode = 'crop' | 'pad' | 'stretch';

/** Seeded random changes of the training pictures. Every field is optional; absent or 0 means none. */
export interface Augmentation {
  /** Mirror left–right in half of the views. */
  readonly flip?: boolean;
  /** Random crop: up to this fraction of each side is cut away, in [0, 0.9]. */
  readonly crop?: number;
  /** Rotation: uniform in ± this many degrees. */
  readonly rotation?: number;
  /** Brightness, contrast and saturation: each factor uniform in 1 ± this, in [0, 1]. */
  readonly color?: number;
  /** Cached random views per training picture; the first is always the picture as it is. Default 4. */
  readonly views?: number;
}

export interface ImageDataset<T extends Task = 'classification'> {
  readonly kind: 'image';
  readonly task: T;
  readonly directory: string;
  /** What a model's outputs stand for: classes, labels, or the names of the numbers. */
  readonly classes: readonly string[];
  /** [height, width] in pixels. */
  readonly size: readonly [number, number];
  readonly resize: ResizeMode;
  /** Larger pictures are not decoded. */
  readonly maxPixels: number;
  readonly train: readonly ImageExample<T>[];
  readonly validation: readonly ImageExample<T>[];
  /** What nothing is chosen by: empty where no test set was asked for. */
  readonly test: readonly ImageExample<T>[];
  readonly augment: Augmentation | undefined;
  readonly seed: number;
  readonly report: DataReport;
  /** Loss weight per class: n / (classes × n_class) over `train`, mean 1 when balanced. */
  readonly classWeights: readonly number[];
  /** SHA-256 (hex) over (side of the split, id, label, hash) of every example. */
  readonly hash: string;
  /** Names of the groups that a column or a pattern puts pictures into, by id. */
  readonly groups?: ReadonlyMap<string, string>;
  /** Pictures that were decoded while reading, for the first pass over them. */
  readonly decoded?: DecodedPictures;
}

export interface DataReport {
  readonly classes: readonly {
    readonly name: string;
    readonly train: number;
    readonly validation: number;
    /** Absent without a test set. */
    readonly test?: number;
  }[];
  /** Of numbers, which have no classes. */
  readonly numbers?: readonly NumberRange[];
  /** Largest class over smallest. */
  readonly imbalance: number;
  /** Groups of ids with identical content. Those kept are on one side of the split; conflicting labels are named. */
  readonly duplicates: readonly { readonly ids: readonly string[]; readonly conflicting: boolean }[];
  /** Groups of ids that are the same picture saved again: in another format, at another quality or in another size. */
  readonly nearDuplicates: readonly { readonly ids: readonly string[]; readonly conflicting: boolean }[];
  readonly widths: { readonly min: number; readonly median: number; readonly max: number };
  readonly heights: { readonly min: number; readonly median: number; readonly max: number };
  /** Files that could not be used, and why. */
  readonly skipped: readonly { readonly file: string; readonly reason: string }[];
  /** What was taken for what, in sentences. */
  readonly notes: readonly string[];
  /** What is probably a mistake in the data, in sentences. */
  readonly warnings: readonly string[];
}
