import { constants, type Dirent } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';

import { exactSize } from './bytes.js';
import { GraftError, messageOf } from './errors.js';

/** Deeper JSON is nobody's model, run or index, and overflows the stack of whoever walks over it. */
const maxDepth = 256;
/** Far more than the largest model.json, and what one string may take. */
const maxJsonBytes = 256 << 20;

/**
 * Opens a regular file for reading. Anything else (folder, named pipe, device, socket) is refused without waiting for it: a pipe
 * without a writer would hold up the reader for ever, and /dev/zero has no end.
 *
 * @throws GraftError that names the file and what it is; the caller closes the handle.
 */
export async function openRegularFile(file: string): Promise<FileHandle> {
  // Windows has no O_NONBLOCK, and `| undefined` is `| 0`.
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK).catch((error: unknown) => {
    throw unreadable(file, error);
  });
  const entry = await handle.stat();
  if (entry.isFile()) return handle;
  await handle.close();
  throw new GraftError(`${file} is ${kindOf(entry)}, not a file.`, { action: 'Give a file on a disk.' });
}

/** What something in a folder is that is no regular file. */
export function kindOf(entry: Pick<Dirent, 'isDirectory' | 'isFIFO' | 'isCharacterDevice' | 'isBlockDevice'>): string {
  if (entry.isDirectory()) return 'a folder';
  if (entry.isFIFO()) return 'a named pipe';
  return entry.isCharacterDevice() || entry.isBlockDevice() ? 'a device' : 'no regular file';
}

/**
 * The bytes of a regular file of at most `limit` bytes; a file that grows while it is read is not read past the limit.
 *
 * @throws GraftError when it is missing, unreadable, no regular file, or larger (said before anything is read).
 */
export async function readRegularFile(file: string, limit: number): Promise<Buffer> {
  const handle = await openRegularFile(file);
  try {
    const { size } = await handle.stat();
    if (size > limit) throw tooLarge(file, size, limit);
    const chunks: Buffer[] = [];
    let total = 0;
    // One byte more than it had: usually the second read says that this was the end.
    for (let room = size + 1; ; room = 4096) {
      const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(Math.min(room, 1 << 30)));
      if (bytesRead === 0) return chunks.length === 1 ? (chunks[0] ?? Buffer.alloc(0)) : Buffer.concat(chunks);
      total += bytesRead;
      if (total > limit) throw tooLarge(file, total, limit);
      chunks.push(buffer.subarray(0, bytesRead));
    }
  } catch (error) {
    throw error instanceof GraftError ? error : unreadable(file, error);
  } finally {
    await handle.close();
  }
}

/** Text and value of a JSON file. @throws GraftError for what `readRegularFile` and `parseJson` refuse. */
export async function readJsonFile(file: string, limit = maxJsonBytes): Promise<unknown> {
  return parseJson((await readRegularFile(file, limit)).toString('utf8'), file);
}

/**
 * `JSON.parse` with a limit on nesting, and an error that names what was parsed.
 *
 * @param what as the error names it: a file, or "model_config of FILE".
 * @throws GraftError when it is not JSON or nested deeper than 256 levels.
 */
export function parseJson(text: string, what: string): unknown {
  try {
    if (isTooDeep(text)) throw new Error(`it is nested deeper than ${maxDepth} levels`);
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new GraftError(`${what} is not valid JSON: ${messageOf(error)}.`, {
      action: 'Copy or save it again.',
      cause: error,
    });
  }
}

function isTooDeep(text: string): boolean {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (inString) {
      if (code === 0x5c) i++;
      else if (code === 0x22) inString = false;
    } else if (code === 0x22) inString = true;
    else if (code === 0x7b || code === 0x5b) {
      if (++depth > maxDepth) return true;
    } else if (code === 0x7d || code === 0x5d) depth--;
  }
  return false;
}

function unreadable(file: string, error: unknown): GraftError {
  return new GraftError(`${file} cannot be read: ${messageOf(error)}.`, {
    action: 'Check the path and its permissions.',
    cause: error,
  });
}

function tooLarge(file: string, size: number, limit: number): GraftError {
  return new GraftError(
    `${file} has ${exactSize(size)}, more than the ${exactSize(limit)} that such a file may have.`,
    {
      action: 'Check that it is the right file, or make it smaller.',
    },
  );
}
