import type { Kind } from '../../protocol/index.js';

/** How the examples of a kind of data are called in sentences. */
export interface Words {
  readonly one: string;
  readonly many: string;
}

export const imageWords: Words = { one: 'picture', many: 'pictures' };

export const kindWords: Readonly<Record<Kind, Words>> = { image: imageWords };
