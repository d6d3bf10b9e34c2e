import { readdir } from 'node:fs/promises';
import path from 'node:path';

import { GraftError } from '../../../common/errors.js';
import { readRegularFile } from '../../../common/read-file.js';
import { decodeText } from '../text-encoding.js';
import { textExtensions } from './extensions.js';
import { isTextTableName } from './no-texts.js';
import { normalText } from './normal-text.js';

/** Far more than any base takes of a text. */
const maxBytes = 64e6;

/** The text of a file. @throws GraftError that names it, where it is none. */
export async function readText(file: string): Promise<string> {
  if (isTextTableName(file))
    throw new GraftError(`${file} is a table, not a text.`, {
      action: 'Ask about its lines: --data FILE --column NAME.',
    });
  const { text } = decodeText(await readRegularFile(file, maxBytes));
  if (text.includes('\0')) throw new GraftError(`${file} is no text.`, { action: 'Give a text file.' });
  if (text.trim() === '') throw new GraftError(`${file} is empty.`, { action: 'Write a text into it.' });
  return normalText(text);
}

/** The text files below a folder, sorted; hidden ones are left alone. */
export async function listTexts(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const files: string[] = [];
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const file = path.join(folder, entry.name);
    if (entry.name.startsWith('.')) continue;
    if (entry.isDirectory()) files.push(...(await listTexts(file)));
    else if (textExtensions.has(path.extname(entry.name).toLowerCase())) files.push(file);
  }
  return files;
}
