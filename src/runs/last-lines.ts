import { openRegularFile } from '../common/read-file.js';
import { newline } from './event-codec.js';

/** The last whole lines of a text that a process has printed, at most `bytes` of them. */
export async function lastLines(file: string, bytes: number): Promise<string[]> {
  const handle = await openRegularFile(file).catch(() => undefined);
  if (handle === undefined) return [];
  try {
    const { size } = await handle.stat();
    const start = Math.max(0, size - bytes);
    const chunk = Buffer.alloc(size - start);
    const { bytesRead } = await handle.read(chunk, 0, chunk.length, start);
    const text = chunk.subarray(0, bytesRead);
    const end = text.lastIndexOf(newline) + 1;
    // What begins in the middle of the file begins in the middle of a line.
    const first = start === 0 ? 0 : text.indexOf(newline) + 1;
    return text
      .toString('utf8', first, end)
      .split('\n')
      .filter((line) => line !== '');
  } finally {
    await handle.close();
  }
}
