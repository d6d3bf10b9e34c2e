export { ChangedExample } from './changed-example.js';
export type { TableColumns, TableOptions } from './table-options.js';
export { foundToEvaluate, splitData } from './dataset.js';
export type { ImageOptions } from './image/options.js';
export {
  decodeFile,
  decodeMany,
  decodeView,
  decodingVersion,
  thumbnail,
  viewCount,
  viewKey,
  type ViewSpec,
} from './image/decode.js';
export { findData, type DataLayout, type ImageSummary } from './image/detect.js';
export { FingerprintStore } from './image/fingerprint-store.js';
export type { Example, Item, Label } from './example.js';
export type { SplitFolders } from './image/folder.js';
export type { Found, FoundData, Skipped } from './found-data.js';
export { imageCsv, imageData, imageFolder, imageIdx } from './image/readers.js';
export type { DataKind, InputSpec, ReadView, Views } from './kind.js';
export { dataKinds, kindOf } from './kinds.js';
export { listPictures } from './image/scan.js';
export { lookAtStrangers } from './image/strangers.js';
export { PictureIndex } from './image/picture-index.js';
export type { Preprocessing } from './preprocessing.js';
export { summarizeData, type Summary } from './summarize.js';
export type { DataSummary } from './summary.js';
export { targets } from './targets/index.js';
export type { SplitOptions } from './split-options.js';
export type { Augmentation, ImageSource, ResizeMode } from './image/form.js';
export type { ImageDataset, ImageExample } from './image/types.js';
export type { DataReport, Dataset } from './types.js';
export type { Words } from './words.js';
