import type { Kind } from '../../protocol/index.js';

/** How the examples of a kind of data are called in sentences. */
export interface Words {
  readonly one: string;
  readonly many: string;
  /** What a line of a table says of each, beside its label: the name of that column. */
  readonly column: string;
  /** What a file of one may be called. */
  readonly file: string;
  /** Of which identical ones are kept apart: what is the same in them. */
  readonly same: string;
  /** What a near-duplicate is. */
  readonly again: string;
}

export const imageWords: Words = {
  one: 'picture',
  many: 'pictures',
  column: 'path',
  file: '1.jpg',
  same: 'the same file',
  again: 'the same picture, saved again,',
};

export const textWords: Words = {
  one: 'text',
  many: 'texts',
  column: 'text',
  file: '1.txt',
  same: 'the same text',
  again: 'nearly the same text',
};

export const kindWords: Readonly<Record<Kind, Words>> = { image: imageWords, text: textWords };
