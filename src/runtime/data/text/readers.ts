import { checkValue, isPlainObject, text } from '../../../common/check-options.js';
import type { Task } from '../../../protocol/index.js';
import type { SplitFolders } from '../image/folder.js';
import { splitTexts, type SplitTexts } from './dataset.js';
import { findTexts } from './detect.js';
import { readTextFolder } from './folder.js';
import { checkTextOptions, textTableOptions, type TextOptions, type TextTableFileOptions } from './options.js';
import { readTextTable } from './table.js';
import type { FoundTexts } from './types.js';

type OptionsOf<T extends Task> = TextOptions & TextTableFileOptions & { readonly task?: T };

/**
 * Labelled texts from a table with a column of texts and a column of labels, and perhaps one of groups and one of the split: separated by
 * commas, tabs, semicolons or bars (a text with a separator or a line end is quoted, RFC 4180), JSON Lines, or an array in JSON. Format,
 * encoding, header and columns are seen from the content, and what is guessed is said.
 *
 * Texts are read in Unicode NFC, with one space for each stretch of white space. The file is never in memory as a whole. Empty texts are
 * left out and reported. The split is stratified and seeded; near-duplicates stay on one side.
 *
 * @throws GraftError when the file cannot be read, nobody can tell which column is what, a line has no label, or labels are no classes.
 * @example
 * const data = await textTable('data/messages.csv', { columns: { text: 'message', label: 'intent' }, test: 0.1 });
 */
export async function textTable<T extends Task = 'classification'>(
  file: string,
  options: OptionsOf<T> = {},
): Promise<SplitTexts<T>> {
  checkTextOptions('textTable', options, textTableOptions);
  checkValue('textTable', 'the file', file, { ...text, is: 'the path of a table of texts' });
  // It is found for the task that the options name.
  return splitTexts((await readTextTable(file, options)) as FoundTexts<T>, options);
}

/**
 * Labelled texts: a folder per class with a text in each file (`.txt`, `.md`, or without an extension); or a folder each for training,
 * validation and the test with a folder per class in it, given by name or found in `directory`, as `imageFolder` does.
 *
 * @throws GraftError for a missing, empty or unreadable folder, fewer than two classes, a class with one text.
 * @example
 * const data = await textFolder('data/letters', { validation: 0.2, seed: 7 });
 */
export async function textFolder(
  directory: string | SplitFolders,
  options: TextOptions = {},
): Promise<SplitTexts<'classification'>> {
  checkTextOptions('textFolder', options);
  checkValue('textFolder', 'the folder', directory, {
    is: "a path, or folders by side: { train: '…', validation: '…' }",
    holds: (value) => (typeof value === 'string' && value !== '') || isSides(value),
  });
  return splitTexts(await readTextFolder(directory), options);
}

/** Reads labelled texts in whatever layout `location` has. */
export async function textData<T extends Task = 'classification'>(
  location: string,
  options: OptionsOf<T> = {},
): Promise<SplitTexts<T>> {
  checkTextOptions('textData', options, textTableOptions);
  checkValue('textData', 'the folder or file', location, { ...text, is: 'a path' });
  return splitTexts((await findTexts(location, options)) as FoundTexts<T>, options);
}

function isSides(value: unknown): boolean {
  return (
    isPlainObject(value) &&
    typeof value['train'] === 'string' &&
    Object.entries(value).every(
      ([side, folder]) =>
        ['train', 'validation', 'test'].includes(side) && (folder === undefined || typeof folder === 'string'),
    )
  );
}
