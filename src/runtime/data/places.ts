import { realpath } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import { formatOf, pictureExtensions } from './image/formats.js';
import { openRegularFile } from '../../common/read-file.js';

/** Whether a file lies in a folder (or is it). */
export function isInside(folder: string, file: string): boolean {
  const relative = path.relative(folder, file);
  return relative === '' || (!relative.startsWith(`..${path.sep}`) && relative !== '..' && !path.isAbsolute(relative));
}

/**
 * Those of the paths that lie in none of the folders, links followed. A path of another machine (`\\host\share`) is not looked at where its
 * name alone says that it is outside: looking would connect to the machine.
 */
export async function outsideOf(paths: readonly string[], folders: readonly string[]): Promise<string[]> {
  const real = await Promise.all(folders.map((folder) => realpath(folder).catch(() => path.resolve(folder))));
  const found = await Promise.all(
    paths.map(async (one) => {
      const inside = folders.some((folder) => isInside(folder, one));
      if (!inside && isOnOtherMachine(one)) return [one];
      const target = await realpath(one).catch(() => undefined);
      const ok = target === undefined ? inside : real.some((folder) => isInside(folder, target));
      return ok ? [] : [one];
    }),
  );
  return found.flat();
}

/** Where pictures may be shown from. */
interface PicturePlaces {
  /** Folders that are open. */
  readonly folders: readonly string[];
  /** Whether data may also lie elsewhere: only what is trusted may say so. */
  readonly elsewhere: boolean;
}

/**
 * The data folder that a run's log names, links followed, where pictures in it may be shown: inside the open folders, or elsewhere if that is
 * allowed, but never a whole disk, the home folder, or a folder that holds either it or an open one. The log lies in the workspace and may
 * name anything.
 */
export async function pictureFolder(directory: string, { folders, elsewhere }: PicturePlaces) {
  if (isOnOtherMachine(directory) && !folders.some((folder) => isInside(folder, directory))) return undefined;
  const folder = await realpath(directory).catch(() => undefined);
  if (folder === undefined) return undefined;
  const open = await Promise.all(folders.map((one) => realpath(one).catch(() => one)));
  if (open.some((one) => isInside(one, folder))) return folder;
  const home = await realpath(os.homedir()).catch(() => os.homedir());
  const tooMuch = path.parse(folder).root === folder || [home, ...open].some((one) => isInside(folder, one));
  return elsewhere && !tooMuch ? folder : undefined;
}

/** The file of a picture that a report names: in one of these folders, links followed, a picture by its name and by its content. */
export async function pictureFile(
  directory: string,
  name: string,
  folders: readonly string[],
): Promise<string | undefined> {
  const file = path.resolve(directory, name);
  if (!pictureExtensions.has(path.extname(file).toLowerCase()) || (await outsideOf([file], folders)).length > 0)
    return undefined;
  const whole = await realpath(file).catch(() => undefined);
  return whole !== undefined && (await pictureKind(whole)) !== undefined ? whole : undefined;
}

/** What a file is by its content: a picture that browsers show, another one, or none. */
export async function pictureKind(file: string): Promise<'shown' | 'other' | undefined> {
  const handle = await openRegularFile(file).catch(() => undefined);
  if (handle === undefined) return undefined;
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(256), 0, 256, 0);
    const format = formatOf(buffer.subarray(0, bytesRead));
    return format === undefined ? undefined : format.inBrowsers ? 'shown' : 'other';
  } finally {
    await handle.close();
  }
}

function isOnOtherMachine(file: string): boolean {
  return process.platform === 'win32' && /^[\\/]{2}/.test(file);
}
