import path from 'node:path';

import { GraftError, messageOf } from '../../../common/errors.js';
import { openRegularFile } from '../../../common/read-file.js';
import { formatOf } from '../image/formats.js';
import { otherKind } from '../image/other-kinds.js';
import { decodeText, utf16, windows1252 } from '../text-encoding.js';

/** How the characters of a file are read. */
interface Reading {
  readonly encoding: string;
  /** Bytes that the encoding does not have end the reading; otherwise U+FFFD stands in their place. */
  readonly strict: boolean;
}

/** A file that is being read. */
export interface TextPieces {
  /** All of its characters, without the byte order mark. */
  readonly pieces: AsyncIterable<string>;
  /** Some of its bytes are not of its encoding: where they were, there is U+FFFD. */
  readonly damaged: boolean;
}

const pieceBytes = 1 << 18;
const headBytes = 4096;
/** Of lines with other characters than ASCII: enough to guess an encoding by. */
const sampleBytes = 1 << 18;

/**
 * Reads a file of characters piece by piece: never all of it is in memory. It is UTF-8 or UTF-16, or in an encoding that is given or guessed;
 * what is guessed is said in `notes`.
 *
 * @param read is called again, from the start, where the file turns out not to be UTF-8.
 * @throws GraftError for a file that is missing, empty or no text, and for an encoding that nobody knows.
 */
export async function readPieces<T>(
  file: string,
  given: string | undefined,
  notes: string[],
  read: (text: TextPieces) => Promise<T>,
): Promise<T> {
  const head = await headOf(file);
  const name = path.basename(file);
  if (head.length === 0) throw new GraftError(`${file} is empty.`, { action: 'Give a file with a text in each line.' });
  const wide = given === undefined ? utf16(head) : undefined;
  if (wide !== undefined) notes.push(`${name} is ${wide}.`);
  else if (given === undefined) refuseOtherKinds(file, head);
  const encoding = wide ?? (given === undefined ? 'utf-8' : known(file, given));
  try {
    return await reading(file, { encoding, strict: true }, false, read);
  } catch (error) {
    if (!(error instanceof WrongBytes)) throw error;
  }
  const sample = encoding === 'utf-8' && given === undefined ? await unusualLines(file) : undefined;
  if (sample === undefined || isMostlyUtf8(sample)) return await reading(file, { encoding, strict: false }, true, read);
  const guess = decodeText(sample);
  const [word = ''] = /[^\s,;|"]*[^\0-\x7f][^\s,;|"]*/.exec(guess.text) ?? [];
  notes.push(
    `${name} is not UTF-8 and is read as ${guess.encoding}: "${word.slice(0, 40)}". If that looks wrong, save it as UTF-8 or give its encoding.`,
  );
  return await reading(file, { encoding: guess.encoding, strict: false }, false, read);
}

async function reading<T>(
  file: string,
  how: Reading,
  damaged: boolean,
  read: (text: TextPieces) => Promise<T>,
): Promise<T> {
  const pieces = decoded(file, how);
  try {
    return await read({ pieces, damaged });
  } finally {
    // The file is closed, also where nobody read it to its end.
    await pieces.return(undefined);
  }
}

/** Bytes that the encoding does not have. */
class WrongBytes extends Error {}

async function* decoded(file: string, { encoding, strict }: Reading): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding, { fatal: strict });
  const decode = (bytes?: Uint8Array): string => {
    try {
      const text = bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true });
      return encoding === 'windows-1252' ? windows1252(text) : text;
    } catch (error) {
      throw new WrongBytes(messageOf(error));
    }
  };
  for await (const bytes of bytesOf(file)) yield decode(bytes);
  yield decode();
}

async function* bytesOf(file: string): AsyncGenerator<Buffer> {
  // The stream closes the handle, also where nobody reads on.
  const stream = (await openRegularFile(file)).createReadStream({ highWaterMark: pieceBytes });
  for await (const bytes of stream as AsyncIterable<Buffer>) yield bytes;
}

async function headOf(file: string): Promise<Buffer> {
  const handle = await openRegularFile(file);
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(headBytes), 0, headBytes, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

function known(file: string, encoding: string): string {
  try {
    return new TextDecoder(encoding).encoding;
  } catch (error) {
    throw new GraftError(`${file}: ${encoding} is no encoding that is known here.`, {
      action: "Give one like 'utf-8', 'windows-1252' or 'shift_jis'.",
      cause: error,
    });
  }
}

/** @throws GraftError for what is no text at all. */
export function refuseOtherKinds(file: string, head: Buffer): void {
  const isBinary = head.includes(0);
  const known = isBinary || head.subarray(0, 4).toString('latin1') === '%PDF' || head[0] === 0x1f;
  if (!known) return;
  const what =
    head.subarray(0, 4).toString('latin1') === 'PAR1'
      ? 'a Parquet file'
      : formatOf(head) !== undefined
        ? 'a picture'
        : (otherKind(head) ?? 'a binary file');
  throw new GraftError(`${file} is ${what}, not a file of texts.`, {
    action: 'Save the texts as a table: CSV, TSV or JSON Lines.',
  });
}

/** Lines with other characters than ASCII, as bytes. */
async function unusualLines(file: string): Promise<Buffer> {
  const lines: string[] = [];
  let size = 0;
  let rest = '';
  const take = (line: string) => {
    if (!/[\x80-\xff]/.test(line)) return;
    lines.push(line);
    size += line.length;
  };
  for await (const bytes of bytesOf(file)) {
    const parts = (rest + bytes.toString('latin1')).split('\n');
    rest = (parts.pop() ?? '').slice(-pieceBytes);
    for (const line of parts) take(line);
    if (size > sampleBytes) break;
  }
  take(rest);
  return Buffer.from(lines.join('\n'), 'latin1');
}

/** UTF-8 with some wrong bytes, and no other encoding: those are hardly ever UTF-8 by chance. */
export function isMostlyUtf8(bytes: Buffer): boolean {
  const unusual = bytes.toString('utf8').match(/[^\0-\x7f]/gu) ?? [];
  return unusual.filter((character) => character !== '\ufffd').length * 2 > unusual.length;
}
