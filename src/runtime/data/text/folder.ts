import path from 'node:path';

import { counted } from '../../../common/counted.js';
import { GraftError, messageOf } from '../../../common/errors.js';
import { sha256 } from '../../../common/hash.js';
import { readRegularFile } from '../../../common/read-file.js';
import type { Skipped } from '../found-data.js';
import { commonFolder, type SplitFolders } from '../image/folder.js';
import { folderLayout } from '../image/folder-layout.js';
import { checkFolder, classFolders, listFiles, realPath } from '../image/scan.js';
import { kindsOf } from '../skipped.js';
import { decodeText } from '../text-encoding.js';
import { textWords } from '../words.js';
import { noTexts } from './no-texts.js';
import { hasWords, normalText } from './normal-text.js';
import { sayWordless } from './table.js';
import { isMostlyUtf8, refuseOtherKinds } from './text-file.js';

import type { FoundText, FoundTexts } from './types.js';

/** A text of so many bytes is a book. */
const longestFile = 1 << 20;
const readAtOnce = 16;

/** Files that texts are in. Others have names of their own, without an extension: `20news/sci.space/59904`. */
export function isTextFile(name: string): boolean {
  return /\.(txt|text|md|markdown)$/i.test(name) || path.extname(name) === '';
}

/**
 * Labelled texts, not split yet: a folder per class with a text in each file, `.txt` or `.md`; or such folders for each side of the split.
 * The id of a text is its path in the folder.
 *
 * @throws GraftError for a missing or unreadable folder, and one without texts.
 */
export async function readTextFolder(given: string | SplitFolders): Promise<FoundTexts<'classification'>> {
  const notes: string[] = [];
  const layout = typeof given === 'string' ? await folderLayout(given, notes) : { kind: 'split' as const, ...given };
  const common = { words: textWords, layout: 'folder', task: 'classification', alikeMayDiffer: true } as const;
  if (layout.kind === 'folder') {
    const { directory } = layout;
    const read = await readFolder(directory, '');
    return {
      ...common,
      directory,
      ...read,
      notes: [...notes, ...read.notes],
      warnings: sayWordless(wordless(read.found)),
    };
  }
  const train = await readFolder(layout.train, 'train');
  const validation = layout.validation === undefined ? undefined : await readFolder(layout.validation, 'validation');
  const test = layout.test === undefined ? undefined : await readFolder(layout.test, 'test');
  const all = [train, validation, test].filter((side) => side !== undefined);
  return {
    ...common,
    directory: commonFolder([layout.train, layout.validation, layout.test]),
    found: train.found,
    ...(validation === undefined ? {} : { validation: validation.found }),
    ...(test === undefined ? {} : { test: test.found }),
    skipped: all.flatMap(({ skipped }) => skipped),
    notes: [...notes, ...all.flatMap((side) => side.notes)],
    warnings: sayWordless(wordless(all.flatMap(({ found }) => found))),
  };
}

const wordless = (found: readonly FoundText[]) => found.filter(({ source }) => !hasWords(source.text));

async function readFolder(
  folder: string,
  prefix: string,
): Promise<{ found: FoundText[]; skipped: Skipped[]; notes: string[] }> {
  await checkFolder(folder);
  const names = await classFolders(folder);
  const idOf = (file: string) => path.posix.join(prefix, path.relative(folder, file).split(path.sep).join('/'));
  // A link from one class back to the whole folder must not put the other classes into it.
  const foreign = new Set(await Promise.all([folder, ...names.map((name) => path.join(folder, name))].map(realPath)));
  const found: FoundText[] = [];
  const skipped: Skipped[] = [];
  const guessed: { id: string; encoding: string }[] = [];
  const others: string[] = [];
  for (const label of names) {
    const unreachable: Skipped[] = [];
    const files = await listFiles(path.join(folder, label), isTextFile, { skipped: unreachable, foreign, others });
    for (const { file, reason } of unreachable) skipped.push({ file: idOf(file), reason });
    for (let start = 0; start < files.length; start += readAtOnce) {
      const batch = files.slice(start, start + readAtOnce);
      const texts = await Promise.all(batch.map(readTextFile));
      for (const [i, read] of texts.entries()) {
        const file = batch[i] ?? '';
        const id = idOf(file);
        if ('reason' in read) skipped.push({ file: id, reason: read.reason });
        else {
          found.push({ id, source: { path: path.resolve(file), text: read.text }, label, hash: sha256(read.text) });
          if (read.guessed !== undefined) guessed.push({ id, encoding: read.guessed });
        }
      }
    }
    if (files.length === 0) skipped.push({ file: path.posix.join(prefix, label), reason: 'the folder holds no texts' });
  }
  if (found.length === 0) throw await noTexts(folder, others, skipped);
  const notes: string[] = [];
  const [first] = guessed;
  if (first !== undefined)
    notes.push(
      `${counted(guessed.length, 'text is', 'texts are')} not UTF-8 and read as ${[...new Set(guessed.map(({ encoding }) => encoding))].join(', ')}: ${first.id}, for instance.`,
    );
  if (others.length > 0)
    notes.push(`${counted(others.length, 'file', 'files')} beside the texts: ${kindsOf(others)}, passed over.`);
  return { found, skipped, notes };
}

/** The text of a file in its normal form, and in which encoding it is where that is guessed; or why it cannot be used. */
async function readTextFile(file: string): Promise<{ text: string; guessed?: string } | { reason: string }> {
  try {
    return await oneText(file);
  } catch (error) {
    return { reason: messageOf(error) };
  }
}

/**
 * The text that a file is.
 *
 * @throws GraftError where it is missing, empty, longer than a million bytes, or no text.
 */
export async function oneText(file: string): Promise<{ readonly text: string; readonly guessed?: string }> {
  const bytes = await readRegularFile(file, longestFile);
  const decoded = decodeText(bytes);
  if (!decoded.encoding.startsWith('utf-16')) refuseOtherKinds(file, bytes);
  if (decoded.guessed && isMostlyUtf8(bytes))
    throw new GraftError(`${file} is UTF-8 with bytes in it that are none.`, { action: 'Save it as UTF-8 again.' });
  const text = normalText(decoded.text);
  if (text === '') throw new GraftError(`${file} is empty.`, { action: 'Write a text into it.' });
  return { text, ...(decoded.guessed ? { guessed: decoded.encoding } : {}) };
}
