import path from 'node:path';

import { parse } from 'csv-parse/sync';

import { GraftError, messageOf } from '../errors.js';
import { readRegularFile } from '../read-file.js';
import { makeDataset, type FoundData, type ImageOptions } from './dataset.js';
import { type Candidate, inspect, type InspectOptions } from './scan.js';
import type { ImageDataset } from './types.js';

/**
 * Labelled pictures from a CSV file with the columns `path` and `label` (RFC 4180: a label with a comma is quoted).
 * Paths are relative to the file's folder, or absolute.
 *
 * @throws GraftError when the file cannot be read or a line has no path or label.
 */
export async function imageCsv(file: string, options: ImageOptions): Promise<ImageDataset> {
  return makeDataset(await findInCsv(file, options), options);
}

/** @throws GraftError when the file cannot be read or a line has no path or label. */
export async function findInCsv(file: string, options: InspectOptions): Promise<FoundData> {
  const directory = path.dirname(path.resolve(file));
  const candidates = (await csvRows(file)).map((row): Candidate => ({
    id: row.path,
    path: path.resolve(directory, row.path),
    label: row.label,
  }));
  return { directory, ...(await inspect(candidates, { ...options, directory })) };
}

/** Path and label of each picture. @throws GraftError when the file cannot be read or a line has no path or label. */
export async function csvRows(file: string): Promise<{ readonly path: string; readonly label: string }[]> {
  return (await readRows(file)).map((row, i) => {
    const { path: picture, label } = row;
    if (picture === undefined || label === undefined || picture === '' || label === '') {
      throw new GraftError(`${file}, line ${i + 2}: ${JSON.stringify(row)} needs a path and a label.`, {
        action: 'Start the file with the line "path,label"; put quotes around a label with a comma.',
      });
    }
    return { path: picture, label };
  });
}

/** A million lines of 60 characters; ten times as much would take gigabytes as rows. */
const maxBytes = 64 << 20;
const maxLine = 1 << 16;

async function readRows(file: string): Promise<Record<string, string | undefined>[]> {
  const bytes = await readRegularFile(file, maxBytes);
  try {
    return parse(bytes, { max_record_size: maxLine, columns: true, bom: true, skip_empty_lines: true, trim: true });
  } catch (error) {
    throw new GraftError(`${file} cannot be read as CSV: ${messageOf(error)}`, {
      action: 'Check the line it names.',
      cause: error,
    });
  }
}
