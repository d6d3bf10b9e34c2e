import { createHash } from 'node:crypto';
import { readdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';

import { GraftError, messageOf, nearest } from '../errors.js';
import type { PictureFacts, PictureIndex } from './picture-index.js';
import { checkPixels, defaultMaxPixels, pictureExtensions, pictureSize, readPicture } from './picture.js';
import type { ImageSource } from './types.js';

/** A picture found on disk, not yet looked into. */
export interface Candidate {
  readonly id: string;
  readonly path: string;
  /** Class name. */
  readonly label: string;
}

/** A picture that can be used. */
export interface Found {
  readonly id: string;
  readonly source: ImageSource;
  readonly label: string;
  readonly hash: string;
  readonly width: number;
  readonly height: number;
}

export interface Skipped {
  readonly file: string;
  readonly reason: string;
}

/** @throws GraftError when it is missing (the nearest name is suggested), unreadable or not a folder. */
export async function checkFolder(folder: string): Promise<void> {
  try {
    if (!(await stat(folder)).isDirectory())
      throw new GraftError(`${folder} is a file, not a folder.`, {
        action: 'Give the folder that holds a folder per class, or a .csv file of paths and labels.',
      });
    await readdir(folder);
  } catch (error) {
    if (error instanceof GraftError) throw error;
    const siblings = await readdir(path.dirname(path.resolve(folder))).catch(() => []);
    const guess = nearest(path.basename(folder), siblings);
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    throw new GraftError(missing ? `There is no folder ${folder}.` : `${folder} cannot be read: ${messageOf(error)}.`, {
      action:
        missing && guess !== undefined
          ? `Did you mean ${path.join(path.dirname(folder), guess)}?`
          : 'Check the path and its permissions.',
      cause: error,
    });
  }
}

/** Names of the folders in `folder` that are classes, sorted by code point: hidden ones are not. */
export async function classFolders(folder: string): Promise<string[]> {
  const names = await readdir(folder);
  const isFolder = await Promise.all(
    names.map((name) =>
      stat(path.join(folder, name)).then(
        (entry) => entry.isDirectory(),
        () => false,
      ),
    ),
  );
  return names.filter((name, i) => isFolder[i] === true && !isHidden(name)).sort(byCodePoint);
}

/**
 * All picture files below a folder, folders within it included. A link to a folder in `seen` is not followed: links may
 * form loops.
 *
 * @param seen real paths; those that are visited are added.
 * @param others files that are no pictures by their name are added.
 */
export async function listPictures(
  folder: string,
  skipped: Skipped[] = [],
  seen = new Set<string>(),
  others: string[] = [],
): Promise<string[]> {
  seen.add(await realPath(folder));
  const listed = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    skipped.push({ file: folder, reason: `the folder cannot be read: ${messageOf(error)}` });
    return [];
  });
  const files: string[] = [];
  for (const found of listed.sort((a, b) => byCodePoint(a.name, b.name))) {
    const { name } = found;
    if (isHidden(name)) continue;
    const file = path.join(folder, name);
    const entry = found.isFile() || found.isDirectory() ? found : await stat(file).catch(() => undefined);
    if (entry === undefined) {
      if (pictureExtensions.has(path.extname(name).toLowerCase()))
        skipped.push({ file, reason: 'it is a link to nowhere, or cannot be reached' });
    } else if (entry.isDirectory()) {
      if (!seen.has(await realPath(file))) files.push(...(await listPictures(file, skipped, seen, others)));
    }
    if (entry?.isFile() === true) (pictureExtensions.has(path.extname(name).toLowerCase()) ? files : others).push(file);
  }
  return files;
}

export interface InspectOptions {
  /** Larger pictures are skipped before they are decoded. Default 100 million. */
  readonly maxPixels?: number;
  /** Files that have not changed since are not read again. */
  readonly index?: PictureIndex;
  readonly onProgress?: (done: number, total: number) => void;
}

/** Reads each file once: its hash, its size in pixels; what cannot be used is skipped with the reason. In order, 16 at a time. */
export async function inspect(
  candidates: readonly Candidate[],
  options: InspectOptions,
): Promise<{ found: Found[]; skipped: Skipped[] }> {
  const results = new Array<Found | Skipped>(candidates.length);
  let next = 0;
  let done = 0;
  const worker = async () => {
    for (let i = next++; i < candidates.length; i = next++) {
      const candidate = candidates[i];
      if (candidate === undefined) continue;
      results[i] = await inspectOne(candidate, options);
      options.onProgress?.(++done, candidates.length);
    }
  };
  await Promise.all(Array.from({ length: 16 }, worker));
  return {
    found: results.filter((result): result is Found => 'hash' in result),
    skipped: results.filter((result): result is Skipped => 'reason' in result),
  };
}

async function inspectOne(
  { id, path: file, label }: Candidate,
  { maxPixels = defaultMaxPixels, index }: InspectOptions,
): Promise<Found | Skipped> {
  const look = async (): Promise<PictureFacts> => {
    const bytes = await readPicture(file);
    // The limit is applied below: what is remembered of a file does not depend on it.
    const { width, height } = await pictureSize(bytes, file);
    return { hash: createHash('sha256').update(bytes).digest('hex'), width, height };
  };
  try {
    const facts = index === undefined ? await look() : await index.facts(file, look);
    checkPixels(facts, file, maxPixels);
    return { id, source: { kind: 'file', path: file }, label, ...facts };
  } catch (error) {
    return { file: id, reason: messageOf(error) };
  }
}

/** The path without links; the path itself where that is not known. */
export async function realPath(file: string): Promise<string> {
  return await realpath(file).catch(() => file);
}

export function byCodePoint(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function isHidden(name: string): boolean {
  return name.startsWith('.') || name === '__MACOSX';
}
