import path from 'node:path';

import type { Task } from '../protocol/index.js';
import * as data from './data/index.js';
import type { ImageDataset, ImageOptions } from './data/index.js';
import { splitText } from './data/split-file.js';
import { writeAtomic } from '../common/files.js';
import { currentRun } from './run/current.js';
import type { Run } from './run/run.js';
import { pathToRead } from './run/script-path.js';

/** The readers of labelled pictures as scripts use them: each says in the run's log how far it is and what it found. */
export const imageFolder = reported(data.imageFolder);
export const imageCsv: typeof data.imageCsv = reported(data.imageCsv);
export const imageIdx = reported(data.imageIdx);
export const imageData: typeof data.imageData = reported(data.imageData);

function reported<Source, Options extends ImageOptions, T extends Task>(
  read: (source: Source, options: Options) => Promise<ImageDataset<T>>,
) {
  return async (source: Source, options: Options): Promise<ImageDataset<T>> => {
    const run = await currentRun();
    const folder = run.pictureIndexFolder;
    const place = located(run, source);
    const name = JSON.stringify(place);
    const asked = overridden(run, options);
    const index = await data.PictureIndex.open(folder, name);
    const looks = `${name} ${String(asked.size)} ${asked.resize ?? 'crop'} ${data.decodingVersion}`;
    const fingerprints = await data.FingerprintStore.open(folder, looks);
    const dataset = await run.phase('read', undefined, (onProgress) =>
      read(place, { onProgress, index, fingerprints, ...asked }),
    );
    await Promise.all([index.save(), fingerprints.save()]);
    const { report, directory } = dataset;
    await writeAtomic(path.join(run.folder, run.nextSplitFile()), splitText(dataset));
    run.emit({
      type: 'data',
      kind: dataset.kind.name,
      directory,
      classes: report.classes,
      ...(dataset.task === 'classification' ? {} : { task: dataset.task }),
      ...(dataset.task === 'classification' ? {} : { pictures: sidesOf(dataset) }),
      ...(report.numbers === undefined ? {} : { numbers: report.numbers }),
      duplicates: report.duplicates.length,
      skipped: report.skipped,
      ...(report.notes.length === 0 ? {} : { notes: report.notes }),
    });
    for (const warning of report.warnings) run.warn(warning);
    return dataset;
  };
}

/** Where the counts of the classes do not say it. */
function sidesOf({ train, validation, test }: ImageDataset<Task>) {
  return {
    train: train.length,
    validation: validation.length,
    ...(test.length === 0 ? {} : { test: test.length }),
  };
}

/** The paths of a source: one, or one for each side or each file. What is none is left to the reader's check. */
function located<Source>(run: Run, source: Source): Source {
  if (typeof source === 'string') return pathToRead(run, source) as Source;
  if (typeof source !== 'object' || source === null) return source;
  const parts = Object.entries(source).map(([name, value]: [string, unknown]) => [
    name,
    typeof value === 'string' ? pathToRead(run, value) : value,
  ]);
  return Object.fromEntries(parts) as Source;
}

/** What was said where the run was started comes before what the script says. */
function overridden<Options extends ImageOptions>(run: Run, options: Options): Options {
  const [size, seed, validation] = [run.override('size'), run.override('seed'), run.override('validation')];
  return {
    ...options,
    ...(size === undefined ? {} : { size }),
    ...(seed === undefined ? {} : { seed }),
    ...(validation === undefined ? {} : { validation }),
  };
}
