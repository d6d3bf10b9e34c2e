export { ChangedExample } from './changed-example.js';
export type { TableColumns, TableOptions } from './table-options.js';
export { foundToEvaluate, splitData } from './dataset.js';
export type { ImageOptions } from './image-options.js';
export {
  decodeFile,
  decodeMany,
  decodeView,
  decodingVersion,
  thumbnail,
  viewCount,
  viewKey,
  type ViewSpec,
} from './decode.js';
export { findData, summarizeImages, type DataLayout, type ImageSummary } from './detect.js';
export { FingerprintStore } from './fingerprint-store.js';
export type { Example, Item, Label } from './example.js';
export type { SplitFolders } from './folder.js';
export type { Found, FoundData, Skipped } from './found-data.js';
export { imageCsv, imageData, imageFolder, imageIdx } from './image-readers.js';
export type { DataKind, InputSpec, ReadView, Views } from './kind.js';
export { dataKinds, kindOf, type KindName } from './kinds.js';
export { listPictures } from './scan.js';
export { lookAtStrangers } from './strangers.js';
export { PictureIndex } from './picture-index.js';
export { preprocessings, type Preprocessing } from './preprocessing.js';
export { targets } from './targets/index.js';
export type { SplitOptions } from './split-options.js';
export type { Augmentation, ImageSource, ResizeMode } from './image-form.js';
export type { DataReport, Dataset, ImageDataset, ImageExample } from './types.js';
export type { Words } from './words.js';
