import * as data from './data/index.js';
import type { ImageDataset, ImageOptions } from './data/index.js';
import { currentRun } from './runs/current.js';

/** The readers of labelled pictures as scripts use them: each says in the run's log how far it is and what it found. */
export const imageFolder = reported(data.imageFolder);
export const imageCsv = reported(data.imageCsv);
export const imageIdx = reported(data.imageIdx);
export const imageData = reported(data.imageData);

function reported<Source>(read: (source: Source, options: ImageOptions) => Promise<ImageDataset>) {
  return async (source: Source, options: ImageOptions): Promise<ImageDataset> => {
    const run = await currentRun();
    const index = await data.PictureIndex.open(run.pictureIndexFolder, JSON.stringify(source));
    const dataset = await run.phase('read', undefined, (onProgress) => read(source, { onProgress, index, ...options }));
    await index.save();
    const { report, directory } = dataset;
    run.emit({
      type: 'data',
      directory,
      classes: report.classes,
      duplicates: report.duplicates.length,
      skipped: report.skipped,
    });
    return dataset;
  };
}
