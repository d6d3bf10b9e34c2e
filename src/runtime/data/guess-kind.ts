import { open, opendir, stat } from 'node:fs/promises';
import path from 'node:path';

import type { Kind } from '../../protocol/index.js';
import { pictureExtensions } from './image/formats.js';
import { textExtensions } from './text/extensions.js';
import { decodeText } from './text-encoding.js';

/** Of a file so many bytes are looked at, of a folder so many entries. */
const [mostBytes, mostEntries] = [65_536, 5000];

/**
 * Of which kind labelled examples are, by a look at their beginning: a folder of what it holds most, a table of texts by its words. What is
 * neither is left to the readers of pictures, who say what is wrong.
 */
export async function guessKind(location: string): Promise<Kind> {
  const entry = await stat(location).catch(() => undefined);
  if (entry?.isDirectory() === true) return await kindOfFolder(location);
  return entry?.isFile() === true ? kindOfFile(await beginningOf(location)) : 'image';
}

/** Breadth first: folders of one class are as good as those of another. */
async function kindOfFolder(folder: string): Promise<Kind> {
  const counts = { image: 0, text: 0 };
  const folders = [folder];
  let looked = 0;
  for (const at of folders) {
    for await (const entry of await opendir(at)) {
      if (++looked > mostEntries) return counts.text > counts.image ? 'text' : 'image';
      if (entry.name.startsWith('.')) continue;
      const extension = path.extname(entry.name).toLowerCase();
      if (entry.isDirectory()) folders.push(path.join(at, entry.name));
      else if (pictureExtensions.has(extension) || /idx[13]-ubyte(\.gz)?$/i.test(entry.name)) counts.image++;
      else if (textExtensions.has(extension)) counts.text++;
    }
  }
  return counts.text > counts.image ? 'text' : 'image';
}

async function beginningOf(file: string): Promise<string> {
  const handle = await open(file);
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(mostBytes), 0, mostBytes, 0);
    // A character that is cut in two would be taken for another encoding.
    const whole = bytesRead < mostBytes ? bytesRead : buffer.lastIndexOf(10) + 1 || bytesRead;
    return decodeText(buffer.subarray(0, whole)).text;
  } finally {
    await handle.close();
  }
}

/** Names of pictures in half of the lines, or sentences. */
function kindOfFile(beginning: string): Kind {
  if (beginning.includes('\0')) return 'image';
  if (/^\s*[[{]\s*["{[\]}]/.test(beginning)) return 'text';
  const lines = beginning.split(/\r?\n/).filter((line) => line.trim() !== '');
  const cellsOf = (line: string) => line.split(/[,;\t|]/).map((cell) => cell.replace(/^\s*"?|"?\s*$/g, ''));
  const half = (holds: (cell: string) => boolean) =>
    lines.filter((line) => cellsOf(line).some(holds)).length * 2 >= lines.length;
  if (half((cell) => pictureExtensions.has(path.extname(cell).toLowerCase()))) return 'image';
  return half((cell) => /\p{L}{2,}\P{L}+\p{L}{2,}\P{L}+\p{L}{2,}/u.test(cell)) ? 'text' : 'image';
}
