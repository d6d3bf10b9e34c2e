import path from 'node:path';

import { counted } from '../../../common/counted.js';
import { kindsOf } from '../skipped.js';
import type { Skipped } from '../found-data.js';
import type { FoundImages } from './scan.js';
import { imageWords } from '../words.js';
import { classesOfFolders, folderLayout } from './folder-layout.js';
import { noPictures } from './no-pictures.js';
import {
  type Candidate,
  checkFolder,
  classFolders,
  inspect,
  listPictures,
  picturesIn,
  realPath,
  type FoundPicture,
  type InspectOptions,
} from './scan.js';
import { lookAtStrangers } from './strangers.js';

/** Folders with a folder per class in each. Without `validation`, it is split off from `train`. */
export interface SplitFolders {
  readonly train: string;
  readonly validation?: string;
  readonly test?: string;
}

/** @throws GraftError for a missing, empty or unreadable folder. */
export async function findInFolders(
  given: string | SplitFolders,
  options: InspectOptions,
): Promise<FoundImages<'classification'>> {
  const notes: string[] = [];
  const layout = typeof given === 'string' ? await folderLayout(given, notes) : { kind: 'split' as const, ...given };
  if (layout.kind === 'folder') {
    const { directory } = layout;
    const { found, skipped, notes: said, warnings } = await readFolder(directory, options);
    notes.push(...said);
    return { words: imageWords, layout: 'folder', task: 'classification', directory, found, skipped, notes, warnings };
  }
  const train = await readFolder(layout.train, options, 'train');
  const validation =
    layout.validation === undefined ? undefined : await readFolder(layout.validation, options, 'validation');
  const test = layout.test === undefined ? undefined : await readFolder(layout.test, options, 'test');
  const all = [train, validation, test].filter((side) => side !== undefined);
  notes.push(...all.flatMap((side) => side.notes));
  return {
    words: imageWords,
    layout: 'folder',
    task: 'classification',
    directory: commonFolder([layout.train, layout.validation, layout.test]),
    found: train.found,
    ...(validation === undefined ? {} : { validation: validation.found }),
    ...(test === undefined ? {} : { test: test.found }),
    skipped: all.flatMap(({ skipped }) => skipped),
    notes,
    warnings: all.flatMap(({ warnings }) => warnings),
  };
}

async function readFolder(
  folder: string,
  options: InspectOptions,
  prefix = '',
): Promise<{ found: FoundPicture[]; skipped: Skipped[]; notes: string[]; warnings: string[] }> {
  await checkFolder(folder);
  const candidates: Candidate[] = [];
  const names = await classFolders(folder);
  const idOf = (file: string) => path.posix.join(prefix, path.relative(folder, file).split(path.sep).join('/'));
  // A link from one class back to the whole folder must not put the other classes into it.
  const roots = new Set(await Promise.all([folder, ...names.map((name) => path.join(folder, name))].map(realPath)));
  const unusable: Skipped[] = [];
  const renamed: string[] = [];
  for (const name of names) {
    const others: string[] = [];
    const unreachable: Skipped[] = [];
    const files = await listPictures(path.join(folder, name), unreachable, roots, others);
    const strangers = await lookAtStrangers(others);
    renamed.push(...strangers.renamed.map(idOf));
    for (const { file, reason } of [...unreachable, ...strangers.skipped]) unusable.push({ file: idOf(file), reason });
    for (const file of [...files, ...strangers.pictures])
      candidates.push({ id: idOf(file), path: path.resolve(file), label: name });
  }
  if (candidates.length === 0) throw await noPictures(folder, unusable);
  const inspected = await inspect(candidates, options);
  const skipped = [...unusable, ...inspected.skipped];
  const warnings: string[] = [];
  const filled = new Set(inspected.found.map(({ label }) => label));
  for (const name of names.filter((one) => !filled.has(one))) {
    const inside = path.posix.join(prefix, name);
    const unused = skipped.filter(({ file }) => file.startsWith(`${inside}/`));
    const [first] = unused;
    if (first === undefined) skipped.push({ file: inside, reason: 'the folder holds no pictures' });
    else
      warnings.push(
        `The folder ${inside} is no class: ${unused.length === 1 ? 'its only file cannot be used' : `none of its ${unused.length} files can be used${several(unused)}`}. ${first.file}: ${first.reason.replace(/\.$/, '')}.`,
      );
  }
  const notes: string[] = [];
  if (renamed.length > 0)
    notes.push(
      `${counted(renamed.length, 'file is a picture', 'files are pictures')} by content, whatever the name: ${some(renamed)}.`,
    );
  const loose = await picturesIn(folder);
  if (loose.length > 0)
    notes.push(
      `${counted(loose.length, 'picture lies', 'pictures lie')} beside the folders of the classes, and ${loose.length === 1 ? 'is' : 'are'} in none: ${some(loose.map(idOf))}.`,
    );
  const nested = classesOfFolders(
    candidates.map(({ path: file }) => path.relative(folder, file).split(path.sep).join('/')),
  );
  const one = [...nested].find(([, inside]) => inside.length > 1);
  if (one !== undefined)
    warnings.push(
      `The classes are ${[...nested.keys()].join(', ')}, whose pictures lie in folders of their own: ${one[1].slice(0, 4).join(', ')} in ${one[0]}. If those are the classes, give ${path.join(folder, one[0])}.`,
    );
  return { found: inspected.found, skipped, notes, warnings };
}

/** Where they are of several kinds: `: 5 svg and 3 pdf`. */
function several(files: readonly Skipped[]): string {
  const kinds = kindsOf(files.map(({ file }) => file));
  return kinds.includes(' and ') ? `: ${kinds}` : '';
}

function some(names: readonly string[]): string {
  return `${names.slice(0, 3).join(', ')}${names.length > 3 ? ', …' : ''}`;
}

function commonFolder([first = '', ...others]: readonly (string | undefined)[]): string {
  const parents = others.filter((folder) => folder !== undefined).map((folder) => path.dirname(folder));
  return parents.length > 0 && parents.every((parent) => parent === path.dirname(first)) ? path.dirname(first) : first;
}
