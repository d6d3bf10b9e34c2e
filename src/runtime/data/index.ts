export { imageCsv } from './csv.js';
export { picturesToEvaluate, type ImageOptions } from './dataset.js';
export {
  decodeFile,
  decodeMany,
  decodeView,
  thumbnail,
  viewCount,
  viewKey,
  viewSpec,
  type ViewSpec,
} from './decode.js';
export { findData, imageData, summarizeImages, type DataLayout } from './detect.js';
export { imageFolder } from './folder.js';
export { listPictures, type Skipped } from './scan.js';
export { imageIdx } from './idx.js';
export { ChangedPicture } from './picture.js';
export { PictureIndex } from './picture-index.js';
export { preprocessings, type Preprocessing } from './preprocessing.js';
export type { Augmentation, DataReport, ImageDataset, ImageExample, ResizeMode } from './types.js';
