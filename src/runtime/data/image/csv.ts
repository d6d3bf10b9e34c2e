import path from 'node:path';

import { csvLines } from '../csv.js';
import type { Skipped } from '../found-data.js';
import type { Side } from '../split-words.js';
import type { TableOptions } from '../table-options.js';
import { imageWords } from '../words.js';
import { type Candidate, type FoundImages, type FoundPicture, inspect, type InspectOptions } from './scan.js';
import { locatePictures } from './table-paths.js';

/** @throws GraftError as `imageCsv`. */
export async function findInCsv(file: string, options: InspectOptions & TableOptions): Promise<FoundImages> {
  const directory = path.dirname(path.resolve(file));
  const { lines, names, notes } = await csvLines(file, options);
  const files = await locatePictures(
    file,
    lines.map((line) => line.path),
    notes,
  );
  const missing: Skipped[] = [];
  const groups = new Map<string, string>();
  const bySide: Record<Side | 'none', Candidate[]> = { train: [], validation: [], test: [], none: [] };
  for (const [i, { line, path: name, label, group, split }] of lines.entries()) {
    const picture = files[i];
    if (picture === undefined) {
      missing.push({
        file: name,
        reason: `line ${line} of ${path.basename(file)} names it, and there is no such file`,
      });
      continue;
    }
    const id =
      path.resolve(directory, name) === picture ? name : path.relative(directory, picture).split(path.sep).join('/');
    if (group !== undefined && group !== '') groups.set(id, group);
    bySide[split ?? 'none'].push({ id, path: picture, label });
  }
  const total = files.length - missing.length;
  const skipped = [...missing];
  let before = 0;
  const inspected = async (candidates: readonly Candidate[]): Promise<FoundPicture[]> => {
    const offset = before;
    const onProgress = (done: number) => options.onProgress?.(offset + done, total);
    const { found, skipped: unusable } = await inspect(candidates, { ...options, onProgress, directory });
    before += candidates.length;
    skipped.push(...unusable);
    return found;
  };
  const found = [...(await inspected(bySide.train)), ...(await inspected(bySide.none))];
  const validation = await inspected(bySide.validation);
  const test = await inspected(bySide.test);
  return {
    words: imageWords,
    layout: 'csv',
    task: options.task ?? 'classification',
    ...(names === undefined ? {} : { names }),
    directory,
    found,
    ...(validation.length === 0 ? {} : { validation }),
    ...(test.length === 0 ? {} : { test }),
    groups,
    skipped,
    notes,
  };
}
