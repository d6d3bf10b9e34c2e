/** A text as a base takes it. */
export interface Tokens {
  /** With the special tokens that the base wants at its ends. */
  readonly ids: Int32Array;
  /** More of the text was there than the base takes. */
  readonly truncated: boolean;
}

/** What makes tokens of texts for one base, and travels with whatever is trained on it. */
export interface Tokenizer {
  /** SHA-256 (hex) of all that decides the ids. */
  readonly hash: string;
  /** Tokens that the base takes of a text, the special ones included; Infinity where there is no limit. */
  readonly longest: number;
  encode(text: string): Tokens;
  /** The tokens as people read them, for pages that show what a model was given. */
  tokens(text: string): readonly string[];
  /** The files that a saved model carries, by name: reading them (`readTokenizer`) gives the same tokenizer. */
  readonly files: Readonly<Record<string, string | Uint8Array>>;
}
