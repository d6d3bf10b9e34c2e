import { Escaped, jsonText, shorten, surface, visible, visibleLines } from './escape.js';

export type Html = Escaped<'html'>;
export type Markdown = Escaped<'markdown'>;

/** Enough to tell names apart, and little enough to leave the sentence around one readable. */
const longest = 400;
/** U+2060: as wide as nothing, and no place to break a line. */
const joiner = '\u2060';

/** HTML: a value is text, as content and in a quoted attribute. */
export const html = surface<'html'>((value) => entities(visible(value)));

/** As `html` does it with a value, but whole and with its lines: a script, a message, an address. */
export function htmlText(text: string): Html {
  return new Escaped(entities(visibleLines(text)));
}

/** A value inside `<script type="application/json">`. */
export function htmlJson(value: unknown): Html {
  return new Escaped(jsonText(JSON.stringify(value)).replaceAll('<', '\\u003c'));
}

function entities(text: string): string {
  const known: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  return text.replaceAll(/[&<>"']/g, (character) => known[character] ?? character);
}

/**
 * Markdown: a value is text on one line, in a table too. Backslashes take the meaning from punctuation. They do not keep an
 * address from becoming a link where a preview makes links of addresses, so that those are cut by a joiner.
 */
export const markdown = surface<'markdown'>((value) =>
  visible(shorten(value, longest))
    .trim()
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/[!-/:-@[-`{-~]/g, '\\$&')
    .replaceAll(/(?<=\/\\)(?=\/)|(?=\\@)/g, joiner),
);
/**
 * What the editor draws itself: messages, buttons, picks, lenses, rows, tooltips, the status bar. It makes a command of
 * `[text](command:…)` and a picture of `$(name)`, and most of these places know no way to escape either. A joiner between the two
 * characters looks like the name and is neither.
 */
export function label(text: string, most = longest): string {
  return apart(visible(shorten(text, most)));
}

/** As `label`, for text of several lines. */
export function labelLines(text: string, most = 2 * longest): string {
  return apart(visibleLines(shorten(text, most)));
}

function apart(text: string): string {
  return text.replaceAll(/(?<=[\]$])(?=\()/g, joiner);
}
