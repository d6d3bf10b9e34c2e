import { readdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';

import { byCodePoint } from '../../../common/by-code-point.js';
import { GraftError, messageOf, nearest } from '../../../common/errors.js';
import type { Task } from '../../../protocol/index.js';
import { kindOf } from '../../../common/read-file.js';
import { pictureExtensions } from './formats.js';
import type { Found, FoundData, Skipped } from '../found-data.js';
import type { PictureIndex } from './picture-index.js';
import { checkPixels, defaultMaxPixels, lookAt } from './picture.js';
import type { ImageSource } from './form.js';

/** A picture found on disk, not yet looked into. */
export interface Candidate {
  readonly id: string;
  readonly path: string;
  /** Class name. */
  readonly label: string;
}

/** A picture that can be used. */
export interface FoundPicture extends Found<ImageSource> {
  readonly width: number;
  readonly height: number;
}

/** What a reader of pictures found. */
export type FoundImages<T extends Task = Task> = FoundData<T, FoundPicture>;

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
 * All picture files below a folder, folders within it included. A folder is visited once: links may form loops.
 *
 * @param skipped what looks like a picture and is no file is added.
 * @param foreign real paths of folders that links in this one do not lead into.
 * @param others files that are no pictures by their name are added.
 */
export async function listPictures(
  folder: string,
  skipped: Skipped[] = [],
  foreign: ReadonlySet<string> = new Set(),
  others: string[] = [],
): Promise<string[]> {
  const files: string[] = [];
  await list(folder, { files, skipped, foreign, others, seen: new Set() });
  return files;
}

/** Picture files of a folder itself, by their names. */
export async function picturesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && !isHidden(entry.name) && isPictureFile(entry.name))
    .map(({ name }) => path.join(folder, name))
    .sort(byCodePoint);
}

const isPictureFile = (name: string) => pictureExtensions.has(path.extname(name).toLowerCase());

interface Listing {
  readonly files: string[];
  readonly skipped: Skipped[];
  readonly foreign: ReadonlySet<string>;
  readonly others: string[];
  readonly seen: Set<string>;
}

async function list(folder: string, into: Listing): Promise<void> {
  into.seen.add(await realPath(folder));
  const listed = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    into.skipped.push({ file: folder, reason: `the folder cannot be read: ${messageOf(error)}` });
    return [];
  });
  for (const found of listed.sort((a, b) => byCodePoint(a.name, b.name))) {
    const { name } = found;
    if (isHidden(name)) continue;
    const file = path.join(folder, name);
    const isPicture = isPictureFile(name);
    const entry = found.isSymbolicLink() ? await stat(file).catch(() => undefined) : found;
    if (entry?.isDirectory() === true) {
      const real = await realPath(file);
      if (!into.seen.has(real) && !into.foreign.has(real)) await list(file, into);
    } else if (entry?.isFile() === true) (isPicture ? into.files : into.others).push(file);
    else if (isPicture) {
      const reason =
        entry === undefined ? 'it is a link to nowhere, or cannot be reached' : `it is ${kindOf(entry)}, not a file`;
      into.skipped.push({ file, reason });
    }
  }
}

export interface InspectOptions {
  /** Larger pictures are skipped before they are decoded. Default 100 million. */
  readonly maxPixels?: number;
  /** Files that have not changed since are not read again. */
  readonly index?: PictureIndex;
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Reads each file once: its hash, its size in pixels; what cannot be used is skipped with the reason. In order, 16 at a time.
 *
 * @param options.directory where the table lies that names the candidates; absent where they were found in folders.
 */
export async function inspect(
  candidates: readonly Candidate[],
  options: InspectOptions & { readonly directory?: string },
): Promise<{ found: FoundPicture[]; skipped: Skipped[] }> {
  const results = new Array<FoundPicture | Skipped>(candidates.length);
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
    found: results.filter((result): result is FoundPicture => 'hash' in result),
    skipped: results.filter((result): result is Skipped => 'reason' in result),
  };
}

async function inspectOne(
  { id, path: file, label }: Candidate,
  { maxPixels = defaultMaxPixels, index, directory }: InspectOptions & { readonly directory?: string },
): Promise<FoundPicture | Skipped> {
  try {
    if (directory !== undefined) checkReach(file, directory);
    // The limit is applied below: what is remembered of a file does not depend on it.
    const look = () => lookAt(file);
    const facts = index === undefined ? await look() : await index.facts(file, look);
    checkPixels(facts, file, maxPixels);
    const { hash, width, height } = facts;
    return { id, source: { kind: 'file', path: file }, label, hash, width, height };
  } catch (error) {
    return { file: id, reason: messageOf(error) };
  }
}

/**
 * Files of other machines are not opened because a table names them: Windows would send them the user's name and a proof of the
 * password. A table that lies there itself may name them.
 *
 * @throws GraftError for such a file.
 */
export function checkReach(file: string, directory: string, platform: Pick<path.PlatformPath, 'parse'> = path): void {
  if (!isOnAnotherMachine(file, directory, platform)) return;
  throw new GraftError(`${file} lies on another machine than the table that names it.`, {
    action: 'Give the share a drive letter, or put the table there too.',
  });
}

/** Whether a file that a table in `directory` names must not even be looked for. */
export function isOnAnotherMachine(
  file: string,
  directory: string,
  platform: Pick<path.PlatformPath, 'parse'> = path,
): boolean {
  const { root } = platform.parse(file);
  return /^[\\/]{2}/.test(root) && root.toLowerCase() !== platform.parse(directory).root.toLowerCase();
}

/** The path without links; the path itself where that is not known. */
export async function realPath(file: string): Promise<string> {
  return await realpath(file).catch(() => file);
}

function isHidden(name: string): boolean {
  return name.startsWith('.') || name === '__MACOSX';
}
