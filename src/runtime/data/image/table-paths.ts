import { readdir } from 'node:fs/promises';
import path from 'node:path';

import { GraftError } from '../../../common/errors.js';
import { byCodePoint } from '../../../common/by-code-point.js';
import { pictureExtensions } from './formats.js';
import { isOnAnotherMachine } from './scan.js';

const sampleSize = 200;
/** How many files are looked at for a suggestion. */
const searched = 20_000;

/**
 * The files that a table's cells mean: relative to its folder, or absolute; with backslashes; names without extension; in a folder
 * beside the table. What had to be guessed is said in `notes`.
 *
 * @returns a file for each name, undefined where there is none.
 * @throws GraftError when none of them is there: where the first was looked for, and where a file of its name is.
 */
export async function locatePictures(
  table: string,
  names: readonly string[],
  notes: string[],
): Promise<(string | undefined)[]> {
  const directory = path.dirname(path.resolve(table));
  const listings = new Map<string, Promise<Listing>>();
  const list = (folder: string) => {
    let listing = listings.get(folder);
    if (listing === undefined) listings.set(folder, (listing = listFolder(folder)));
    return listing;
  };
  const find = async (root: string, name: string): Promise<string | undefined> => {
    for (const spelling of spellings(name)) {
      const file = path.resolve(root, spelling);
      // Whoever reads it says why not.
      if (isOnAnotherMachine(file, directory)) return file;
      const { names: there, stems } = await list(path.dirname(file));
      const base = path.basename(file);
      if (there.has(base)) return file;
      const withExtension = stems.get(base);
      if (withExtension !== undefined) return path.join(path.dirname(file), withExtension);
    }
    return undefined;
  };

  const step = Math.max(1, Math.ceil(names.length / sampleSize));
  const sample = names.filter((_, i) => i % step === 0);
  const stem = path
    .basename(table)
    .replace(/\.\w+$/, '')
    .toLowerCase();
  const beside = [...(await list(directory)).folders].sort(
    (a, b) => likeness(b, stem) - likeness(a, stem) || byCodePoint(a, b),
  );
  const roots: { root: string; found: number }[] = [];
  for (const root of [directory, ...beside.slice(0, 100).map((name) => path.join(directory, name))]) {
    const found = (await Promise.all(sample.map((name) => find(root, name)))).filter((file) => file !== undefined);
    roots.push({ root, found: found.length });
    if (found.length === sample.length) break;
  }
  const used = roots.filter(({ found }) => found > 0).sort((a, b) => b.found - a.found);
  if (used.length === 0) throw await noneThere(table, directory, names);

  const files: (string | undefined)[] = [];
  const counts = new Map<string, number>();
  for (const name of names) {
    let file: string | undefined;
    for (const { root } of used) {
      file = await find(root, name);
      if (file === undefined) continue;
      counts.set(root, (counts.get(root) ?? 0) + 1);
      break;
    }
    files.push(file);
  }
  const elsewhere = [...counts.keys()].filter((root) => root !== directory);
  if (elsewhere.length > 0) {
    const folders = elsewhere.map((root) => `${path.basename(root)}/ (${counts.get(root) ?? 0})`).join(', ');
    notes.push(`Pictures of ${path.basename(table)} are taken from ${folders} beside it.`);
  }
  return files;
}

interface Listing {
  readonly names: ReadonlySet<string>;
  /** Pictures by their name without extension. */
  readonly stems: ReadonlyMap<string, string>;
  readonly folders: readonly string[];
}

async function listFolder(folder: string): Promise<Listing> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name);
  const pictures = files.filter((name) => pictureExtensions.has(path.extname(name).toLowerCase()));
  return {
    names: new Set(files),
    stems: new Map(pictures.map((name) => [path.parse(name).name, name])),
    folders: entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.')).map(({ name }) => name),
  };
}

/** As it stands there, and with slashes where it came from Windows. */
function spellings(name: string): string[] {
  return name.includes('\\') ? [name, name.replaceAll('\\', '/')] : [name];
}

/** How much a folder's name promises the pictures of a table. */
function likeness(folder: string, stem: string): number {
  const name = folder.toLowerCase();
  if (name === stem || name === `${stem}_images` || name === `${stem}-images`) return 2;
  return /^(images?|imgs?|pictures|photos|jpe?gs?|data)$/.test(name) ? 1 : 0;
}

async function noneThere(table: string, directory: string, names: readonly string[]): Promise<GraftError> {
  const [first = ''] = names;
  if (/^https?:\/\//i.test(first))
    return new GraftError(`${table} names pictures by their address: ${first}.`, {
      action: 'Download them, and write the names of the files in the place of the addresses.',
    });
  const [spelling = first] = spellings(first).slice(-1);
  const looked = path.resolve(directory, spelling);
  const message =
    names.length === 1
      ? `The only picture of ${table} is not there: ${first} was looked for as ${looked}.`
      : `None of the ${names.length} pictures of ${table} is there: the first, ${first}, was looked for as ${looked}.`;
  const at = await findByName(directory, path.basename(spelling));
  if (at === undefined)
    return new GraftError(message, {
      action: `Paths in a table are relative to its folder, and no ${path.basename(spelling)} is below ${directory}: move the table to the pictures, or correct the paths.`,
    });
  const inTable = path.posix.normalize(spelling.replaceAll('\\', '/'));
  if (inTable.endsWith(`/${at}`))
    return new GraftError(message, {
      action: `${at} is there: take "${inTable.slice(0, -at.length)}" away from the beginning of the paths.`,
    });
  return new GraftError(message, {
    action: `There is ${at}: correct the paths, which are relative to the folder of the table.`,
  });
}

/** Relative to `directory`, with slashes; undefined when it is not among the first files below it. */
async function findByName(directory: string, base: string): Promise<string | undefined> {
  const waiting = [''];
  let looked = 0;
  for (let folder = waiting.shift(); folder !== undefined && looked < searched; folder = waiting.shift()) {
    const { names, stems, folders } = await listFolder(path.join(directory, folder));
    const name = names.has(base) ? base : stems.get(base);
    if (name !== undefined) return path.posix.join(folder, name);
    looked += names.size;
    waiting.push(...folders.map((inner) => path.posix.join(folder, inner)));
  }
  return undefined;
}
