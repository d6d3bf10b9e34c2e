import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';

import { readSavedInfo, type SavedInfo } from './saved-info.js';

interface FoundModel {
  readonly folder: string;
  readonly info: SavedInfo;
  readonly parameters: number;
}

/** Folders below a workspace in which people have their models. */
const deepest = 3;
const mostFolders = 500;
const mostModels = 50;
const bytesPerWeight = 4;

/** The models that Graft saved in a folder and a few levels below it, the newest first. Runs have theirs in a hidden folder. */
export async function findSavedModels(workspace: string): Promise<readonly FoundModel[]> {
  const models: FoundModel[] = [];
  let [level, looked] = [[workspace], 0];
  for (let depth = 0; depth <= deepest; depth++) {
    const below: string[] = [];
    for (const folder of level) {
      if (++looked > mostFolders) return newestFirst(models);
      if (existsSync(path.join(folder, 'graft.json')) && existsSync(path.join(folder, 'model.json'))) {
        const model = await readModelFolder(folder);
        if (model !== undefined) models.push(model);
      } else below.push(...(await subfolders(folder)));
    }
    level = below;
  }
  return newestFirst(models);
}

/** Undefined for what is damaged: whoever chooses the file itself is told why. */
async function readModelFolder(folder: string): Promise<FoundModel | undefined> {
  try {
    const info = await readSavedInfo(path.join(folder, 'graft.json'));
    const { size } = await stat(path.join(folder, 'weights.bin'));
    return { folder, info, parameters: size / bytesPerWeight };
  } catch {
    return undefined;
  }
}

async function subfolders(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && entry.name !== 'node_modules')
    .map(({ name }) => path.join(folder, name));
}

function newestFirst(models: readonly FoundModel[]): FoundModel[] {
  return [...models].sort((a, b) => (a.info.created > b.info.created ? -1 : 1)).slice(0, mostModels);
}
