import { lstat, readdir, rm } from 'node:fs/promises';
import path from 'node:path';

import type { Command } from 'commander';

import { isActive } from '../../protocol/index.js';
import { sizeText } from '../../common/bytes.js';
import { GraftError } from '../../common/errors.js';
import { listRuns, readRun } from '../../runs/read.js';
import { saysYes, shown, table, type Io } from './io.js';

interface CleanOptions {
  readonly cache?: boolean;
  readonly runs?: boolean;
  readonly all?: boolean;
  readonly yes?: boolean;
}

interface Part {
  readonly name: string;
  readonly what: string;
  readonly bytes: number;
  readonly files: number;
}

const meanings: Readonly<Record<string, string>> = {
  runs: 'runs: logs, checkpoints, reports, their models',
  cache: 'activations: computed again when they are needed',
  'picture-index': 'what is known of pictures: looked at again',
};
const ofCache = ['cache', 'picture-index'];

/** clean: what `.graft` takes, and frees it. */
export function registerClean(program: Command, io: Io): void {
  program
    .command('clean')
    .description('show what .graft takes in this folder, and free it')
    .option('--cache', 'free the cached activations and the picture index')
    .option('--runs', 'delete the runs that have ended; saved models stay')
    .option('--all', 'both, and whatever else is in .graft')
    .option('--yes', 'do not ask')
    .action(async (options: CleanOptions) => {
      const folder = path.resolve('.graft');
      const parts = await partsOf(folder);
      if (parts.length === 0) {
        io.out(shown`There is no .graft here: nothing to free.\n`);
        return;
      }
      const rows = parts.map(({ name, what, bytes, files }) => [name, sizeText(bytes), String(files), what]);
      io.out(table(['.graft', 'size', 'files', 'what'], rows));
      const chosen = parts
        .map(({ name }) => name)
        .filter(
          (name) =>
            options.all === true ||
            (options.cache === true && ofCache.includes(name)) ||
            (options.runs === true && name === 'runs'),
        );
      if (chosen.length === 0) {
        if (options.cache !== true && options.runs !== true)
          io.out(shown`\nFree some with: graft clean --cache, --runs or --all\n`);
        return;
      }
      const active = (await listRuns(process.cwd(), listed)).filter(isActive);
      const names = active.map(({ folder: run }) => path.basename(run));
      if (active.length > 0 && chosen.some((name) => name !== 'runs')) {
        throw new GraftError(`A run is going on: ${names.join(', ')}. It reads the cache.`, {
          action: `Wait, or stop it with: graft stop ${names[0] ?? ''}`,
        });
      }
      if (options.yes !== true && !(await agreed(chosen, io))) return;
      for (const name of chosen) await free(path.join(folder, name), name === 'runs' ? names : []);
      const left = await partsOf(folder);
      const sum = (list: readonly Part[]) => list.reduce((total, { bytes }) => total + bytes, 0);
      const kept = names.length === 0 ? '' : ` ${names.join(', ')} goes on and stays.`;
      io.out(shown`Freed ${sizeText(sum(parts) - sum(left))}.${kept}\n`);
    });
}

async function listed(folder: string) {
  const { info, status } = await readRun(folder);
  return { folder, info, status };
}

async function agreed(names: readonly string[], io: Io): Promise<boolean> {
  const what = names.map((name) => path.join('.graft', name)).join(', ');
  if (!io.isTerminal || !process.stdin.isTTY) {
    throw new GraftError(`${what} would be deleted, and nobody can be asked.`, { action: 'Say so with: --yes' });
  }
  return await saysYes(shown`Delete ${what}?`);
}

/** What is in `.graft`. A link is not followed: what it points to is not ours. */
async function partsOf(folder: string): Promise<Part[]> {
  const entry = await lstat(folder).catch(() => undefined);
  if (entry === undefined) return [];
  if (!entry.isDirectory()) {
    throw new GraftError(`${folder} is a link or a file, not a folder.`, {
      action: 'Look at what it points to; clean does not follow links.',
    });
  }
  const parts: Part[] = [];
  for (const name of (await readdir(folder)).sort()) {
    const { bytes, files } = await measure(path.join(folder, name));
    parts.push({ name, bytes, files, what: meanings[name] ?? '' });
  }
  return parts;
}

async function measure(file: string): Promise<{ bytes: number; files: number }> {
  const entry = await lstat(file).catch(() => undefined);
  if (entry === undefined) return { bytes: 0, files: 0 };
  if (!entry.isDirectory()) return { bytes: entry.isFile() ? entry.size : 0, files: 1 };
  let [bytes, files] = [0, 0];
  for (const name of await readdir(file).catch(() => [])) {
    const inside = await measure(path.join(file, name));
    bytes += inside.bytes;
    files += inside.files;
  }
  return { bytes, files };
}

/** `rm` takes links away, not what they point to; a folder that is a link is not gone into either. */
async function free(folder: string, keep: readonly string[]): Promise<void> {
  const entry = await lstat(folder).catch(() => undefined);
  if (entry === undefined) return;
  if (keep.length === 0 || !entry.isDirectory()) {
    await rm(folder, { recursive: true, force: true });
    return;
  }
  for (const name of await readdir(folder))
    if (!keep.includes(name)) await rm(path.join(folder, name), { recursive: true, force: true });
}
