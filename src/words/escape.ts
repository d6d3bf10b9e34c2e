/**
 * Names of classes, files, layers and runs come from outside: whoever made the workspace chose them. They are shown as they are
 * and mean nothing to what shows them. Each surface has one way in: `html` and `markdown` (surfaces.ts), `label` for what the
 * editor draws, `shown` for the terminal (cli/io.ts), and the panel's `vnode` hook.
 */

/** Emoji and some scripts are written with joiners; between other letters they only make two names look alike. */
const joiner =
  /(?<=[\p{Extended_Pictographic}\p{Emoji_Modifier}\ufe0f])\u200d(?=\p{Extended_Pictographic})|(?<=(?![\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Han}])[\p{L}\p{M}])[\u200c\u200d]/u;
/** Controls (ESC, CSI, BEL, CR, …), bidirectional overrides, separators, halves of characters, and what nobody sees. */
const hidden = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\p{Co}]|(?!\p{Variation_Selector})\p{Default_Ignorable_Code_Point}/u;
const joinerOrHidden = new RegExp(`${joiner.source}|(${hidden.source})`, 'gu');
const named: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** A name on one line: what would not be seen, or would change what stands around it, as JavaScript writes it (`\x1b`, `\u202e`). */
export function visible(text: string): string {
  return text.replaceAll(joinerOrHidden, (whole, found: string | undefined) =>
    found === undefined ? whole : codeOf(found),
  );
}

/** As `visible`, for text of several lines: line feeds and tabs stay. */
export function visibleLines(text: string): string {
  return text
    .replaceAll('\r\n', '\n')
    .replaceAll(joinerOrHidden, (whole, found: string | undefined) =>
      found === undefined || found === '\n' || found === '\t' ? whole : codeOf(found),
    );
}

function codeOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  if (code > 0xffff) return `\\u{${hex}}`;
  return named[character] ?? (code < 0x100 ? `\\x${hex.padStart(2, '0')}` : `\\u${hex.padStart(4, '0')}`);
}

/** At most so many characters: of a longer text both ends, which tell a name from its like, and `…` for what is between. */
export function shorten(text: string, most: number): string {
  // Not by `Array.from` alone: a name may have a million characters.
  const head = Array.from(text.slice(0, 2 * most));
  if (text.length <= most || (text.length <= 2 * most && head.length <= most)) return text;
  const tail = Array.from(text.slice(-2 * most));
  const left = Math.ceil((most - 1) / 2);
  const right = most - 1 - left;
  return `${head.slice(0, left).join('')}…${right === 0 ? '' : tail.slice(-right).join('')}`;
}

/** JSON text that is the same value to whoever parses it, and harmless to a terminal. */
export function jsonText(json: string): string {
  return json.replaceAll(/[\x7f-\x9f]|[\p{Zl}\p{Zp}\p{Cs}]|\p{Default_Ignorable_Code_Point}/gu, (character) =>
    // In halves, as JSON has no other way.
    Array.from(
      { length: character.length },
      (_, i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`,
    ).join(''),
  );
}

/** Text of one surface that may go out as it is: our own, with what was put into it escaped. */
export class Escaped<Surface extends string> {
  declare private readonly surface: Surface;

  constructor(readonly text: string) {}
}

type Part<Surface extends string> = string | number | Escaped<Surface> | readonly Escaped<Surface>[];

/** The template tag of a surface: what stands in the code stays, values are escaped, unless they have been already. */
export function surface<Surface extends string>(
  escape: (value: string) => string,
): (strings: TemplateStringsArray, ...values: readonly Part<Surface>[]) => Escaped<Surface> {
  const textOf = (value: Part<Surface>): string => {
    if (value instanceof Escaped) return value.text;
    // A number of a file that nobody checked may be anything.
    return typeof value === 'object' ? value.map(textOf).join('') : escape(String(value));
  };
  return (strings, ...values) =>
    new Escaped(strings.reduce((text, string, i) => text + textOf(values[i - 1] ?? '') + string));
}
