import path from 'node:path';

import * as data from './data/index.js';
import type { ImageDataset, ImageOptions } from './data/index.js';
import { splitText } from './data/split-file.js';
import { writeAtomic } from './files.js';
import { currentRun } from './runs/current.js';

/** The readers of labelled pictures as scripts use them: each says in the run's log how far it is and what it found. */
export const imageFolder = reported(data.imageFolder);
export const imageCsv = reported(data.imageCsv);
export const imageIdx = reported(data.imageIdx);
export const imageData = reported(data.imageData);

function reported<Source, Options extends ImageOptions>(
  read: (source: Source, options: Options) => Promise<ImageDataset>,
) {
  return async (source: Source, options: Options): Promise<ImageDataset> => {
    const run = await currentRun();
    const folder = run.pictureIndexFolder;
    const name = JSON.stringify(source);
    const index = await data.PictureIndex.open(folder, name);
    const looks = `${name} ${String(options.size)} ${options.resize ?? 'crop'} ${data.decodingVersion}`;
    const fingerprints = await data.FingerprintStore.open(folder, looks);
    const dataset = await run.phase('read', undefined, (onProgress) =>
      read(source, { onProgress, index, fingerprints, ...options }),
    );
    await Promise.all([index.save(), fingerprints.save()]);
    const { report, directory } = dataset;
    await writeAtomic(path.join(run.folder, run.nextSplitFile()), splitText(dataset));
    run.emit({
      type: 'data',
      directory,
      classes: report.classes,
      duplicates: report.duplicates.length,
      skipped: report.skipped,
      ...(report.notes.length === 0 ? {} : { notes: report.notes }),
    });
    for (const warning of report.warnings) run.warn(warning);
    return dataset;
  };
}
