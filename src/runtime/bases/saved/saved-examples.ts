import path from 'node:path';

import { GraftError } from '../../../common/errors.js';
import { sha256 } from '../../../common/hash.js';
import { parseJson, readRegularFile } from '../../../common/read-file.js';

/** What a model was made with: the beginning of the SHA-256 (16 hexadecimal digits) of each example's content, by side. */
export interface SavedExamples {
  readonly train: readonly string[];
  readonly validation: readonly string[];
  readonly test: readonly string[];
}

export const examplesName = 'examples.json';
/** Eight bytes: among a million examples, two different ones are taken for the same once in forty million times. */
const bytes = 8;
const sides = ['train', 'validation', 'test'] as const;
/** Over a hundred million examples. */
const maxBytes = 1 << 30;

export function shortHash(hash: string): string {
  return hash.slice(0, 2 * bytes);
}

/**
 * The hashes of a data set, in an order that says nothing of its own.
 *
 * @param before what its base was made with: what that was trained on, the model has seen too.
 */
export function examplesOf(
  data: Readonly<Record<(typeof sides)[number], readonly { readonly hash: string }[]>>,
  before?: SavedExamples,
): SavedExamples {
  const of = (side: (typeof sides)[number], more: readonly string[] = []) =>
    [...new Set([...data[side].map(({ hash }) => shortHash(hash)), ...more])].sort();
  return { train: of('train', before?.train), validation: of('validation'), test: of('test') };
}

/** The text of an examples.json: 11 characters an example. */
export function examplesText(examples: SavedExamples): string {
  const packed = sides.map((side) => [side, Buffer.from(examples[side].join(''), 'hex').toString('base64')] as const);
  return `${JSON.stringify(Object.fromEntries(packed))}\n`;
}

/** @throws GraftError when it is missing, or not the one that was saved. */
export async function readExamples(folder: string, expected: string): Promise<SavedExamples> {
  const file = path.join(folder, examplesName);
  const content = await readRegularFile(file, maxBytes);
  if (sha256(content) !== expected) throw wrong(file, 'the hash differs');
  const value = parseJson(content.toString('utf8'), file) as Readonly<Record<string, unknown>> | null;
  const of = (side: (typeof sides)[number]) => {
    const text = value?.[side];
    if (typeof text !== 'string') throw wrong(file, `it has no ${side}`);
    const hex = Buffer.from(text, 'base64').toString('hex');
    return Array.from({ length: hex.length / (2 * bytes) }, (_, i) => hex.slice(2 * bytes * i, 2 * bytes * (i + 1)));
  };
  return { train: of('train'), validation: of('validation'), test: of('test') };
}

function wrong(file: string, reason: string): GraftError {
  return new GraftError(`${file} is not the one that was saved: ${reason}.`, {
    action: 'Copy the folder again, or save the model again from its script.',
  });
}
