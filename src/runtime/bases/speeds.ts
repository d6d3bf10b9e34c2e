import path from 'node:path';

import { makeFolder, writeAtomic } from '../../common/files.js';
import { readJsonFile } from '../../common/read-file.js';
import { defaultCacheDir } from './download/download.js';

/** How long bases take on this machine: `"ResNet50 224 224": 0.019`, seconds per picture as last measured. */
export type Speeds = Readonly<Record<string, number>>;

const speedsFile = () => path.join(path.dirname(defaultCacheDir()), 'speeds.json');

const keyOf = (label: string, [height, width]: readonly [number, number]) => `${label} ${height} ${width}`;

/** None where nothing was measured, or where that cannot be read. */
export async function readSpeeds(file = speedsFile()): Promise<Speeds> {
  const read = await readJsonFile(file).catch(() => undefined);
  if (typeof read !== 'object' || read === null) return {};
  return Object.fromEntries(
    Object.entries(read).filter(
      (entry): entry is [string, number] => Number.isFinite(entry[1]) && Number(entry[1]) > 0,
    ),
  );
}

export function speedOf(speeds: Speeds, label: string, size: readonly [number, number]): number | undefined {
  const key = keyOf(label, size);
  return Object.hasOwn(speeds, key) ? speeds[key] : undefined;
}

/** Where two write at once, one is forgotten until its next training; where nothing can be written, nothing is known. */
export async function keepSpeed(
  label: string,
  size: readonly [number, number],
  secondsPerPicture: number,
  file = speedsFile(),
): Promise<void> {
  try {
    const speeds = { ...(await readSpeeds(file)), [keyOf(label, size)]: Number(secondsPerPicture.toPrecision(3)) };
    await makeFolder(path.dirname(file));
    await writeAtomic(file, `${JSON.stringify(speeds, undefined, 1)}\n`);
  } catch {
    // A training does not fail for that.
  }
}
