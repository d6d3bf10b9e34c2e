/** What is in nearly every text already: then nothing has to be changed. */
const plain = /^(?:[!-~]+(?: [!-~]+)*)?$/;

/**
 * A text as it is read, wherever it is from: Unicode NFC, each stretch of white space one space, none at its ends. Texts that are the same
 * in this form are duplicates.
 */
export function normalText(text: string): string {
  return plain.test(text) ? text : text.normalize('NFC').replace(/\s+/gu, ' ').trim();
}

/** Whether anything in a text can be a word. */
export function hasWords(text: string): boolean {
  return /[\p{L}\p{N}]/u.test(text);
}

const longestPiece = 60;

/** The start of a text, for sentences about it. */
export function shortPiece(text: string): string {
  const start = Array.from(text.slice(0, 2 * longestPiece))
    .slice(0, longestPiece)
    .join('');
  return start.length < text.length ? `${start}…` : text;
}
