import { randomBytes } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';

import { GraftError } from './errors.js';

export interface AtomicOptions {
  /** Awaited when the new content is safe on the disk, before it takes the file's name. */
  readonly beforeReplace?: (() => Promise<void>) | undefined;
  /** Whether to wait for the disk. Default true; without it, a power cut may leave a file that is not whole. */
  readonly sync?: boolean;
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
  const temporary = `${file}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    await mkdir(path.dirname(file), { recursive: true });
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
