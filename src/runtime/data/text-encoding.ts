/** The text of a file and how its bytes were read. */
interface DecodedText {
  readonly text: string;
  /** As the WHATWG encoding standard calls it. */
  readonly encoding: string;
  /** Whether nothing in the file says so: people should have a look. */
  readonly guessed: boolean;
}

/** From the likeliest: where two are as plausible, the first is taken. */
const legacy = ['windows-1252', 'windows-1251', 'koi8-r', 'windows-1253', 'shift_jis', 'gb18030'] as const;

/** What windows-1252 has at 0x80 … 0x9f: some versions of Node take it for Latin-1, which has control characters there. */
const punctuation = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ';

/**
 * The text of a file in UTF-8, UTF-16 (with a byte order mark or without) or a legacy encoding, which is guessed from what the words
 * look like: one alphabet per word, capitals only at its start, and few accents among Latin letters.
 *
 * @param encoding a name of the WHATWG encoding standard, where it is known.
 * @throws RangeError for an encoding that nobody knows.
 */
export function decodeText(bytes: Uint8Array, encoding?: string): DecodedText {
  if (encoding !== undefined) {
    const { encoding: name } = new TextDecoder(encoding);
    return { text: strictly(name, bytes) ?? new TextDecoder(name).decode(bytes), encoding: name, guessed: false };
  }
  const wide = utf16(bytes);
  if (wide !== undefined) return { text: new TextDecoder(wide).decode(bytes), encoding: wide, guessed: false };
  const utf8 = strictly('utf-8', bytes);
  if (utf8 !== undefined) return { text: utf8, encoding: 'utf-8', guessed: false };
  const readings = legacy.flatMap((name) => {
    const text = strictly(name, bytes);
    return text === undefined ? [] : [{ text, encoding: name, score: plausibility(text) }];
  });
  const [best] = readings.sort((a, b) => b.score - a.score);
  return best === undefined
    ? { text: Buffer.from(bytes).toString('latin1'), encoding: 'iso-8859-1', guessed: true }
    : { text: best.text, encoding: best.encoding, guessed: true };
}

/** Every other byte of a table in UTF-16 is 0: its separators and line ends are ASCII. */
function utf16(bytes: Uint8Array): 'utf-16le' | 'utf-16be' | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  const zeros = [0, 0];
  const length = Math.min(bytes.length, 4096) & ~1;
  for (let i = 0; i < length; i++) if (bytes[i] === 0) zeros[i % 2] = (zeros[i % 2] ?? 0) + 1;
  const [even = 0, odd = 0] = zeros;
  if (odd > length / 8 && even < odd / 8) return 'utf-16le';
  return even > length / 8 && odd < even / 8 ? 'utf-16be' : undefined;
}

function strictly(encoding: string, bytes: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
    if (encoding !== 'windows-1252') return text;
    return text.replace(/[\x80-\x9f]/g, (character) => punctuation[character.charCodeAt(0) - 0x80] ?? character);
  } catch {
    return undefined; // Bytes that it does not have, or a runtime that does not have it.
  }
}

/** Letters of one alphabet, and how far a word of them is to be believed: almost any pair of bytes is a Chinese character. */
const alphabets: readonly (readonly [letters: RegExp, belief: number])[] = [
  [/^\p{Script=Latin}+$/u, 1],
  [/^\p{Script=Cyrillic}+$/u, 1],
  [/^\p{Script=Greek}+$/u, 1],
  [/^[\p{Script=Hiragana}\p{Script=Katakana}ー]+$/u, 1],
  [/^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ー]+$/u, 0.9],
];

/** From 0 to 1: how much the words beyond ASCII look like words. */
function plausibility(text: string): number {
  const found = text.match(/[^\s,;|"'()/\\_.\d-]*[^\0-\x7f][^\s,;|"'()/\\_.\d-]*/gu) ?? [];
  const distinct = [...new Set(found)].slice(0, 2000);
  return distinct.reduce((sum, word) => sum + beliefIn(word), 0) / Math.max(1, distinct.length);
}

function beliefIn(word: string): number {
  const [, belief = 0] = alphabets.find(([letters]) => letters.test(word)) ?? [];
  if (/\p{Ll}\p{Lu}/u.test(word)) return 0;
  const accents = word.match(/[^\0-\x7f]/gu)?.length ?? 0;
  if (/^\p{Script=Latin}/u.test(word) && accents * 2 > word.length) return 0;
  return /^\p{Lu}{2,}$/u.test(word) ? belief / 2 : belief;
}
