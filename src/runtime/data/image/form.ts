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

/** What a model of pictures must be told to see one as in training. */
export interface ImageModelForm {
  /** [height, width] in pixels. */
  readonly size: readonly [number, number];
  readonly resize: ResizeMode;
}
