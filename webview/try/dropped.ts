import { longestContent, type DroppedPicture } from '../../src/protocol/index.js';
import { text } from '../strings.js';

/** What a drop or a paste brought. */
export interface Dropped {
  readonly files: readonly File[];
  /** Files of the editor, by address. */
  readonly addresses: readonly string[];
}

/** Base64 has four characters for three bytes. */
const mostBytes = Math.floor((longestContent * 3) / 4);

/** Files from the desktop carry their bytes; files dragged from the editor only their addresses. */
export function droppedFiles(transfer: DataTransfer | null): Dropped {
  const list = ['application/vnd.code.uri-list', 'text/uri-list'].map((type) => transfer?.getData(type) ?? '');
  const addresses = (list.find((lines) => lines !== '') ?? '')
    .split(/\r?\n/)
    .filter((line) => line !== '' && !line.startsWith('#'));
  return { files: [...(transfer?.files ?? [])], addresses };
}

/** Reads files into portions that each fit into one message; what cannot be read is named with a sentence. */
export async function readFiles(
  files: readonly File[],
): Promise<{ portions: DroppedPicture[][]; problems: { file: string; error: string }[] }> {
  const portions: DroppedPicture[][] = [];
  const problems: { file: string; error: string }[] = [];
  let room = 0;
  for (const file of files) {
    const { name, size } = file;
    if (size > mostBytes) {
      problems.push({ file: name, error: text.tooLarge(name, size, mostBytes) });
      continue;
    }
    const content = await base64(file).catch(() => undefined);
    if (content === undefined) {
      problems.push({ file: name, error: text.unreadable(name) });
      continue;
    }
    if (portions.length === 0 || content.length > room) {
      portions.push([]);
      room = longestContent;
    }
    portions.at(-1)?.push({ name, content });
    room -= content.length;
  }
  return { portions, problems };
}

async function base64(file: File): Promise<string> {
  return await new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => {
      const address = typeof reader.result === 'string' ? reader.result : '';
      resolve(address.slice(address.indexOf(',') + 1));
    };
    reader.onerror = () => {
      reject(reader.error ?? new Error(file.name));
    };
    reader.readAsDataURL(file);
  });
}
