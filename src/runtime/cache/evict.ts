import { lstat, readdir, rm, rmdir } from 'node:fs/promises';
import path from 'node:path';

/** A prefix's folder is named by a SHA-256. */
const prefixName = /^[0-9a-f]{64}$/;

/**
 * Deletes whole prefix folders, least recently used first, until those of `root` hold at most `limit` bytes. Never deletes `keep`,
 * nor anything else that lies in `root`; follows no link. Returns the bytes that are left.
 */
export async function evict(root: string, limit: number, keep: string): Promise<number> {
  const names = (await readdir(root).catch(() => [])).filter((name) => prefixName.test(name));
  const folders = (await Promise.all(names.map((name) => measure(path.join(root, name))))).filter(
    (folder) => folder !== undefined,
  );
  let total = folders.reduce((sum, { bytes }) => sum + bytes, 0);
  for (const { folder, files, bytes } of folders.sort((a, b) => a.used - b.used)) {
    if (total <= limit) break;
    if (path.basename(folder) === keep) continue;
    // What is no plain file is not the cache's; it stays, and its folder with it.
    for (const file of files) await rm(file, { force: true }).catch(() => undefined);
    await rmdir(folder).catch(() => undefined);
    total -= bytes;
  }
  return total;
}

interface Folder {
  readonly folder: string;
  /** Its plain files. */
  readonly files: readonly string[];
  readonly bytes: number;
  /** When a training last opened it. */
  readonly used: number;
}

async function measure(folder: string): Promise<Folder | undefined> {
  const entry = await lstat(folder).catch(() => undefined);
  if (entry?.isDirectory() !== true) return undefined;
  const names = await readdir(folder).catch(() => []);
  const found = await Promise.all(
    names.map(async (name) => {
      const file = path.join(folder, name);
      const size = await lstat(file).then(
        (stats) => (stats.isFile() ? stats.size : undefined),
        () => undefined,
      );
      return { file, size };
    }),
  );
  const files = found.flatMap(({ file, size }) => (size === undefined ? [] : [{ file, size }]));
  return {
    folder,
    files: files.map(({ file }) => file),
    bytes: files.reduce((sum, { size }) => sum + size, 0),
    used: entry.mtimeMs,
  };
}
