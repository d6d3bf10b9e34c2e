import { randomBytes } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { lstat, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';

import { GraftError } from './errors.js';

interface AtomicOptions {
  /** Awaited when the new content is safe on the disk, before it takes the file's name. */
  readonly beforeReplace?: (() => Promise<void>) | undefined;
  /** Whether to wait for the disk. Default true; without it, a power cut may leave a file that is not whole. */
  readonly sync?: boolean;
}

/**
 * What a file or folder is called that is not whole yet: what it will be, and the number of the process, which 0.1.0 left out. A process
 * that is killed leaves it.
 */
export const temporaryName = /^(.*?)(?:\.(\d+))?\.[0-9a-f]{8}\.tmp$/;

/** A name for what is not whole yet, beside what it will be: with the number of this process, so that others know whether it goes on. */
export function temporaryFor(target: string): string {
  return `${target}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`;
}

/**
 * Opens a file of a run's folder to append to it. A link, a pipe or a device there is refused without waiting for it: the folder may have
 * come with a download, and what is written belongs into it.
 */
export function openToAppend(file: string): number {
  const { O_RDWR, O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = constants;
  // Windows has neither of the last two, and `| undefined` is `| 0`.
  const descriptor = openSync(file, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o666);
  if (fstatSync(descriptor).isFile()) return descriptor;
  closeSync(descriptor);
  throw new Error(`${file} is not a file on a disk`);
}

/** Whether a path is taken, also by a link to nowhere. */
export async function isThere(file: string): Promise<boolean> {
  return await lstat(file).then(
    () => true,
    () => false,
  );
}

/**
 * Makes a folder and those above it that are missing, one by one: asked for all of them, Node never ends where the system answers that
 * there is nothing in which to make one (`/proc/x/y`).
 */
export async function makeFolder(folder: string): Promise<void> {
  const entry = await stat(folder).catch(() => undefined);
  if (entry?.isDirectory() === true) return;
  const parent = path.dirname(folder);
  if (parent !== folder) await makeFolder(parent);
  await mkdir(folder).catch(async (error: unknown) => {
    // Another process may have been first.
    const made = await stat(folder).catch(() => undefined);
    if (made?.isDirectory() !== true) throw error;
  });
}

/**
 * Writes a file so that a reader sees either the old content or the new, whole: temporary name, fsync, rename.
 *
 * @throws GraftError when the disk is full or the folder cannot be written; the old file is then untouched.
 */
export async function writeAtomic(
  file: string,
  content: string | Uint8Array | readonly Uint8Array[],
  { beforeReplace, sync = true }: AtomicOptions = {},
): Promise<void> {
  const temporary = temporaryFor(file);
  try {
    await makeFolder(path.dirname(file));
    const handle = await open(temporary, 'wx');
    try {
      const parts =
        typeof content === 'string' ? [Buffer.from(content)] : content instanceof Uint8Array ? [content] : content;
      for (const part of parts) await handle.writeFile(part);
      if (sync) await handle.sync();
    } finally {
      await handle.close();
    }
    await beforeReplace?.();
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw describeWriteError(file, error);
  }
}

/** An error of the file system that nobody expected, with what can be done about it. Other errors come back unchanged. */
export function describeSystemError(error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error) || !('path' in error) || typeof error.path !== 'string')
    return error;
  const described = describeWriteError(error.path, error);
  if (described instanceof GraftError) return described;
  const isGone = error.code === 'ENOENT' || error.code === 'ENOTDIR';
  return new GraftError(isGone ? `${error.path} is not there` : error.message, {
    action: isGone
      ? 'Put it back, then try again; what was deleted from .graft/cache is made anew.'
      : 'Check this path, its permissions and the disk that it is on.',
    cause: error,
  });
}

/** Turns ENOSPC, EACCES and friends into an error that says what to do. Other errors come back unchanged. */
export function describeWriteError(file: string, error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new GraftError(`Cannot write ${file}: the disk is full.`, {
      action: 'Free some space (old runs and the cache are in .graft/), then resume the run.',
      cause: error,
    });
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return new GraftError(`Cannot write ${file}: permission denied.`, {
      action: 'Check who owns the folder, or choose another one.',
      cause: error,
    });
  }
  return error;
}

export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
