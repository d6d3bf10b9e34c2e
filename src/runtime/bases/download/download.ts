import { open, rename, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import { GraftError, messageOf } from '../../../common/errors.js';
import { describeWriteError, makeFolder, writeAtomic } from '../../../common/files.js';
import { readRegularFile } from '../../../common/read-file.js';
import type { WeightFile } from '../definition.js';
import { checkWeights } from './check-weights.js';
import { Part, removeLeftParts } from './part.js';
import { receive, type ReceiveOptions } from './receive.js';

export interface DownloadOptions extends Omit<ReceiveOptions, 'hasHash'> {
  readonly cacheDir?: string | undefined;
  /** Told when the cached file is not what was received any more and is downloaded again. */
  readonly onDamaged?: ((message: string) => void) | undefined;
}

/** A weight file in the cache. */
export interface CachedWeights {
  readonly path: string;
  /** Hex, of the content that was just compared. */
  readonly sha256: string;
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

/** Where a published file lies in the cache. */
export function cachedPath({ url }: WeightFile, folder = defaultCacheDir()): string {
  return path.join(folder, path.basename(new URL(url).pathname));
}

/**
 * The local copy of a weight file: downloaded once, then found in the cache, without any network. It gets its name only when its
 * published hash is right, or, where there is none, when it can be read; its SHA-256 is written down beside it then, and each use
 * compares it. An interrupted download continues where it stopped. Any number of processes may ask at once.
 *
 * @throws GraftError when it cannot be downloaded or is not the right file.
 * @throws the signal's reason.
 */
export async function weightsFile(file: WeightFile, options: DownloadOptions = {}): Promise<CachedWeights> {
  const target = cachedPath(file, options.cacheDir);
  const cached = await lookIntoCache(file, target);
  if (cached?.problem === undefined && cached !== undefined) return { path: target, sha256: cached.sha256 };
  const damage = cached === undefined ? '' : `${target} is damaged: ${cached.problem ?? ''}.`;
  if (damage !== '') options.onDamaged?.(`${damage} It is downloaded again.`);
  try {
    return { path: target, sha256: await download(file, target, options) };
  } catch (error) {
    options.signal?.throwIfAborted();
    if (damage === '' || !(error instanceof GraftError)) throw error;
    throw new GraftError(`${damage} ${error.message}`, { action: error.action, cause: error });
  }
}

interface Cached {
  readonly sha256: string;
  readonly problem: string | undefined;
}

/** What is in the cache, compared with what was received. Undefined where there is nothing. */
async function lookIntoCache(file: WeightFile, target: string): Promise<Cached | undefined> {
  const entry = await stat(target).catch(() => undefined);
  if (entry === undefined) return undefined;
  const received = await receivedHash(target);
  // Reading it whole again would tell nothing that its own hash does not.
  if (received !== undefined && file.hash === undefined) {
    const whole: WeightFile = { url: file.url, hash: { algorithm: 'sha256', digest: received } };
    return await checkWeights(whole, target, target);
  }
  const found = await checkWeights(file, target, target);
  if (found.problem === undefined && received === undefined) {
    // It came from an older version, or by hand. In a cache that cannot be written, it is read whole each time.
    await writeDown(target, found.sha256).catch(() => undefined);
  }
  return found;
}

async function download(file: WeightFile, target: string, options: DownloadOptions): Promise<string> {
  const part = await beginPart(target);
  try {
    for (let isContinued = (await part.size()) > 0; ; isContinued = false) {
      await receive(file.url, part, { ...options, hasHash: file.hash !== undefined });
      const { sha256, problem } = await checkWeights(file, part.file, target);
      if (problem === undefined) {
        await keep(part, target, sha256);
        await removeLeftParts(target).catch(() => undefined);
        return sha256;
      }
      await part.clear();
      // A part of another version of the file, or damaged on the disk, heals by beginning anew.
      if (isContinued) continue;
      throw new GraftError(`The file from ${file.url} is not the right one: ${problem}. It was deleted.`, {
        action: 'Try again; if it happens again, something on the way changes the file.',
      });
    }
  } finally {
    await part.leave(target).catch(() => undefined);
  }
}

async function beginPart(target: string): Promise<Part> {
  try {
    await makeFolder(path.dirname(target));
    return await Part.claim(target);
  } catch (error) {
    throw cannotWrite(target, error);
  }
}

/** Gives the part its name, whole: others that do the same at the same time have the same content. */
async function keep(part: Part, target: string, sha256: string): Promise<void> {
  try {
    const handle = await open(part.file, 'r+');
    await handle.sync();
    await handle.close();
    await writeDown(target, sha256);
    await rename(part.file, target);
  } catch (error) {
    throw cannotWrite(target, error);
  }
}

function cannotWrite(target: string, error: unknown): GraftError {
  const described = describeWriteError(target, error);
  if (described instanceof GraftError) return described;
  return new GraftError(`${target} cannot be written: ${messageOf(error)}.`, {
    action: 'Remove what is in its way, or give the path of the file as weights.',
    cause: error,
  });
}

/** In the format of sha256sum, so that anybody can compare. */
async function writeDown(target: string, sha256: string): Promise<void> {
  await writeAtomic(`${target}.sha256`, `${sha256}  ${path.basename(target)}\n`);
}

async function receivedHash(target: string): Promise<string | undefined> {
  const text = await readRegularFile(`${target}.sha256`, 4_096).catch(() => undefined);
  return /^[\da-f]{64}(?= )/.exec(text?.toString('utf8') ?? '')?.[0];
}
