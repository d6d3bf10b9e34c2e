import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { GraftError, messageOf } from '../errors.js';
import { describeWriteError } from '../files.js';
import type { WeightFile } from './registry.js';

export interface DownloadOptions {
  readonly cacheDir?: string;
  readonly onProgress?: (bytes: number, total: number | undefined) => void;
  readonly signal?: AbortSignal;
}

/** Where weights are kept from run to run, for all workspaces: what each system calls its cache. */
export function defaultCacheDir(environment = process.env, platform = process.platform, home = os.homedir()): string {
  const base =
    platform === 'win32'
      ? (environment['LOCALAPPDATA'] ?? path.join(home, 'AppData', 'Local'))
      : platform === 'darwin'
        ? path.join(home, 'Library', 'Caches')
        : (environment['XDG_CACHE_HOME'] ?? path.join(home, '.cache'));
  return path.join(base, 'graft', 'weights');
}

/**
 * The local copy of a weight file: downloaded once, then found in the cache, without any network. An interrupted download
 * continues where it stopped; the file gets its name only when its hash is right.
 *
 * @returns its path.
 * @throws GraftError when it cannot be downloaded or is not the right file.
 */
export async function weightsFile(file: WeightFile, options: DownloadOptions = {}): Promise<string> {
  const folder = options.cacheDir ?? defaultCacheDir();
  const target = path.join(folder, path.basename(new URL(file.url).pathname));
  if (await exists(target)) return target;
  await mkdir(folder, { recursive: true });
  const part = `${target}.part`;
  await download(file.url, part, options);
  await verify(file, part);
  await rename(part, target);
  return target;
}

async function download(url: string, part: string, { onProgress, signal }: DownloadOptions): Promise<void> {
  const have = await stat(part).then(
    ({ size }) => size,
    () => 0,
  );
  let response: Response;
  try {
    response = await fetch(url, {
      headers: have > 0 ? { range: `bytes=${have}-` } : {},
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    throw new GraftError(
      `${url} cannot be reached: ${messageOf(error instanceof Error && error.cause !== undefined ? error.cause : error)}.`,
      {
        action: 'Check the network; or download the file elsewhere and give its path as weights.',
        cause: error,
      },
    );
  }
  if (response.status === 416) return; // Everything is there already.
  if (!response.ok || response.body === null) {
    throw new GraftError(`${url} answered ${response.status} ${response.statusText}.`, {
      action: 'Try again later; or give the path of the file as weights.',
    });
  }
  const resumed = response.status === 206;
  const length = Number(response.headers.get('content-length') ?? NaN);
  const total = Number.isFinite(length) ? length + (resumed ? have : 0) : undefined;
  let done = resumed ? have : 0;
  const count = new Transform({
    transform(chunk: Buffer, _encoding, next) {
      done += chunk.length;
      onProgress?.(done, total);
      next(null, chunk);
    },
  });
  try {
    await pipeline(Readable.fromWeb(response.body), count, createWriteStream(part, { flags: resumed ? 'a' : 'w' }));
  } catch (error) {
    const described = describeWriteError(part, error);
    if (described !== error) throw described;
    throw new GraftError(`The download of ${url} broke off after ${done} bytes: ${messageOf(error)}.`, {
      action: 'Start it again: it continues where it stopped.',
      cause: error,
    });
  }
  if (total !== undefined && done !== total) {
    throw new GraftError(`The download of ${url} broke off after ${done} of ${total} bytes.`, {
      action: 'Start it again: it continues where it stopped.',
    });
  }
}

async function verify({ url, hash }: WeightFile, file: string): Promise<void> {
  if (hash === undefined) return;
  const digest = createHash(hash.algorithm);
  await pipeline(createReadStream(file), digest);
  const received = digest.digest('hex');
  if (received === hash.digest) return;
  await rm(file, { force: true });
  throw new GraftError(
    `The file from ${url} is not the right one: its ${hash.algorithm} is ${received}, not ${hash.digest}. It was deleted.`,
    {
      action: 'Try again; if it happens again, something on the way changes the file.',
    },
  );
}

async function exists(file: string): Promise<boolean> {
  return await stat(file).then(
    (entry) => entry.isFile(),
    () => false,
  );
}
