import { randomBytes } from 'node:crypto';
import { readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';

import { GraftError, messageOf, present } from '../../common/errors.js';
import { describeWriteError, isThere, makeFolder, temporaryFor, writeAtomic } from '../../common/files.js';
import { clearAbandoned } from '../run/leftovers.js';

export interface PlaceOptions {
  /** Whether an older export there is replaced. Default false. */
  readonly force?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

type Content = string | Uint8Array;

/**
 * Writes files that belong together: they are in their places only after `check` has passed, and what was there stays until then.
 *
 * @param check gets where a file lies meanwhile.
 * @throws GraftError where one of them is already, without `force`.
 */
export async function placeFiles<T>(
  files: ReadonlyMap<string, Content>,
  { force = false, signal }: PlaceOptions,
  check: (at: (file: string) => string) => Promise<T>,
): Promise<T> {
  const taken: string[] = [];
  for (const file of files.keys()) if (await isThere(file)) taken.push(file);
  if (taken[0] !== undefined && !force) throw thereAlready(taken[0]);
  const temporary = new Map([...files.keys()].map((file) => [file, temporaryFor(file)]));
  const at = (file: string) => present(temporary.get(file), 'The temporary name');
  try {
    for (const [file, content] of files) {
      await clearAbandoned(path.dirname(file), path.basename(file));
      await writeAtomic(at(file), content);
    }
    const result = await check(at);
    signal?.throwIfAborted();
    for (const file of files.keys())
      await rename(at(file), file).catch((error: unknown) => {
        throw cannotWrite(file, error);
      });
    return result;
  } finally {
    for (const file of temporary.values()) await rm(file, { force: true });
  }
}

/** The same for a folder, which holds these files alone. */
export async function placeFolder<T>(
  folder: string,
  files: ReadonlyMap<string, Content>,
  { force = false, signal }: PlaceOptions,
  check: (at: (file: string) => string) => Promise<T>,
): Promise<T> {
  const target = path.resolve(folder);
  const wasThere = await isThere(target);
  if (wasThere && !force) throw thereAlready(folder);
  if (wasThere) await checkExport(target, files);
  const temporary = temporaryFor(target);
  const at = (file: string) => path.join(temporary, file);
  try {
    await makeFolder(temporary).catch((error: unknown) => {
      throw cannotWrite(folder, error);
    });
    await clearAbandoned(path.dirname(target), path.basename(target));
    for (const [file, content] of files) await writeAtomic(at(file), content);
    const result = await check(at);
    signal?.throwIfAborted();
    await replaceFolder(temporary, target);
    return result;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** Puts a whole folder in its place; what was there stays until then, and what others have put into it stays at all. */
export async function replaceFolder(from: string, to: string): Promise<void> {
  const old = `${to}.${randomBytes(4).toString('hex')}.old`;
  const hadOld = await rename(to, old).then(
    () => true,
    () => false,
  );
  try {
    await rename(from, to);
  } catch (error) {
    if (hadOld) await rename(old, to);
    throw new GraftError(`Cannot write ${to}: ${messageOf(error)}`, { action: 'Choose another folder.', cause: error });
  }
  if (!hadOld) return;
  const own = new Set(await readdir(to));
  for (const name of await readdir(old).catch(() => []))
    if (!own.has(name)) await rename(path.join(old, name), path.join(to, name));
  await rm(old, { recursive: true, force: true });
}

/** Only an export makes room for another: not a folder that somebody named by mistake. */
async function checkExport(folder: string, files: ReadonlyMap<string, Content>): Promise<void> {
  const others = await readdir(folder).then(
    (names) => names.filter((name) => !files.has(name)),
    () => [path.basename(folder)],
  );
  if (others[0] === undefined) return;
  throw new GraftError(`${folder} is not an export alone: there is ${others[0]} too.`, {
    action: 'Choose another folder with --out.',
  });
}

function thereAlready(file: string): GraftError {
  return new GraftError(`${file} is there already.`, {
    action: 'Choose another place with --out, or replace it with --force.',
  });
}

function cannotWrite(file: string, error: unknown): unknown {
  const described = describeWriteError(file, error);
  if (described instanceof GraftError) return described;
  return new GraftError(`Cannot write ${file}: ${messageOf(error)}`, {
    action: 'Choose another place with --out.',
    cause: error,
  });
}
