import type { Tokenizer } from './tokenizer.js';

/** Where a text is: its example holds it, since texts are short and files of them long. */
export interface TextSource {
  /** The file that it is in, relative paths resolved. */
  readonly path: string;
  readonly text: string;
}

/** What texts are brought into: the tokens of a base. Without one, a data set can be split and described, not computed with. */
export interface TextForm {
  readonly tokenizer?: Tokenizer;
}
