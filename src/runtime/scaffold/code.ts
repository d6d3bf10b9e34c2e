import { Escaped, surface, visible } from '../../words/index.js';

/** TypeScript that may stand in a script. */
export type Code = Escaped<'code'>;

/** What a template of ours says itself. */
export function ownCode(text: string): Code {
  return new Escaped(text);
}

/** The template tag: what stands in the code stays, a text becomes a literal. */
export const code = surface<'code'>(quote);

/** A text as a script writes it, on one line and with nothing in it that is not seen. */
function quote(text: string): string {
  return `'${visible(text.replaceAll('\\', '\\\\').replaceAll("'", "\\'"))}'`;
}

/** A text, a number, or a list of numbers. */
export function literal(value: string | number | readonly number[]): Code {
  if (typeof value === 'string') return code`${value}`;
  return new Escaped(typeof value === 'number' ? String(value) : `[${value.join(', ')}]`);
}

/** A name that the library has. */
export function identifier(name: string): Code {
  if (!/^[a-z_$][\w$]*$/i.test(name)) throw new Error(`${JSON.stringify(name)} is no identifier.`);
  return new Escaped(name);
}

/** A text in a comment, which ends where a line does. */
export const inComment = surface<'code'>(visible);

/** `{ a: 1, b: 'x' }`, without what is undefined. */
export function object(
  fields: Readonly<Record<string, string | number | readonly (string | number)[] | Code | undefined>>,
): Code {
  const entries = Object.entries(fields).flatMap(([name, value]) =>
    value === undefined ? [] : [code`${identifier(name)}: ${valueOf(value)}`],
  );
  return code`{ ${list(entries)} }`;
}

function valueOf(value: string | number | readonly (string | number)[] | Code): Code {
  if (value instanceof Escaped) return value;
  return typeof value === 'object' ? listOf(value) : literal(value);
}

function listOf(values: readonly (string | number)[]): Code {
  return code`[${list(values.map(literal))}]`;
}

export function list(entries: readonly Code[], separator = ', '): Code {
  return new Escaped(entries.map(({ text }) => text).join(separator));
}
