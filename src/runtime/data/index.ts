export { imageCsv, type TableOptions } from './csv.js';
export type { TableColumns } from './columns.js';
export { picturesToEvaluate } from './dataset.js';
export type { ImageOptions } from './image-options.js';
export {
  decodeFile,
  decodeMany,
  decodeView,
  decodingVersion,
  thumbnail,
  viewCount,
  viewKey,
  viewSpec,
  type ViewSpec,
} from './decode.js';
export { findData, imageData, summarizeImages, type DataLayout, type ImageSummary } from './detect.js';
export { FingerprintStore } from './fingerprint-store.js';
export { imageFolder, type SplitFolders } from './folder.js';
export { listPictures, type Skipped } from './scan.js';
export { imageIdx } from './idx.js';
export { lookAtStrangers } from './strangers.js';
export { ChangedPicture } from './picture.js';
export { PictureIndex } from './picture-index.js';
export type { Preprocessing } from './preprocessing.js';
export { targets } from './targets/index.js';
export type { Augmentation, DataReport, ImageDataset, ImageExample, Label, ResizeMode } from './types.js';
