/** What scripts pass to the library, against a table for each function: TypeScript checks nothing where a script just runs. */
import { GraftError, nearest } from './errors.js';

/** An argument is undefined: perhaps it was taken from a promise. */
export class NothingReceived extends GraftError {}

/** What an option may be. */
export interface Rule {
  readonly holds: (value: unknown) => boolean;
  /** In words, after "It must be". */
  readonly is: string;
  readonly required?: true;
  /** Options within the option. */
  readonly fields?: Readonly<Record<string, Rule>>;
  /** Not for scripts: what the library's parts tell each other. */
  readonly internal?: true;
}

/** A rule for each option: the compiler names the one that was forgotten. */
export type OptionTable<T> = { readonly [Name in keyof Required<T>]: Rule };

/**
 * @param what how a script calls it: `fit`.
 * @throws GraftError for an option that there is not (the nearest is suggested), that is missing, or cannot be meant.
 */
export function checkOptions(what: string, options: unknown, table: Readonly<Record<string, Rule>>): void {
  if (!isPlainObject(options)) {
    const names = Object.keys(table);
    const example = names.find((name) => table[name]?.required === true) ?? names[0] ?? '';
    throw new GraftError(`${what}: the options are ${received(options)}.`, {
      action: `Give them in braces: ${what}(…, { ${example}: … }).`,
    });
  }
  checkFields(what, options, table, '');
}

function checkFields(
  what: string,
  options: Readonly<Record<string, unknown>>,
  table: Readonly<Record<string, Rule>>,
  prefix: string,
): void {
  for (const name of Object.keys(options)) {
    if (Object.hasOwn(table, name)) continue;
    const names = Object.keys(table).filter((one) => table[one]?.internal !== true);
    const guess = nearest(name, names);
    throw new GraftError(`${what} has no option "${prefix}${name}".`, {
      action:
        guess !== undefined
          ? `Did you mean "${prefix}${guess}"?`
          : names.length === 0
            ? 'It has none.'
            : `Its options are ${names.join(', ')}.`,
    });
  }
  for (const [name, rule] of Object.entries(table)) {
    const value = options[name];
    if (value === undefined) {
      if (rule.required !== true) continue;
      throw new GraftError(`${what}: ${prefix}${name} is missing.`, { action: `It must be ${rule.is}.` });
    }
    checkValue(what, `${prefix}${name}`, value, rule);
    if (rule.fields !== undefined && isPlainObject(value)) checkFields(what, value, rule.fields, `${prefix}${name}.`);
  }
}

/** @throws GraftError for a value that cannot be meant: it names the option, what was received, and what it may be. */
export function checkValue(what: string, name: string, value: unknown, { holds, is }: Omit<Rule, 'fields'>): void {
  if (!holds(value)) throw new GraftError(`${what}: ${name} is ${received(value)}.`, { action: `It must be ${is}.` });
}

/**
 * An argument that another function of graftjs returns.
 *
 * @param maker what returns it, as a script calls it: `imageFolder(…)`.
 * @throws GraftError for a promise, which is what a forgotten `await` leaves, and for anything else that it is not.
 */
export function checkArgument(
  what: string,
  name: string,
  value: unknown,
  { holds, is, maker }: Pick<Rule, 'holds' | 'is'> & { readonly maker: string },
): void {
  if (isPromise(value)) {
    throw new GraftError(`${what}: ${name} is a promise: ${maker} was not awaited.`, {
      action: `Write: await ${maker}`,
    });
  }
  if (holds(value)) return;
  const Kind = value === undefined ? NothingReceived : GraftError;
  throw new Kind(`${what}: ${name} is ${received(value)}.`, { action: `It must be ${is}, from ${maker}.` });
}

export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isPromise(value);
}

function isPromise(value: unknown): boolean {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}

const longestValue = 80;

/** What was received, in few words. */
function received(value: unknown): string {
  if (typeof value === 'string') return shortened(JSON.stringify(value));
  if (typeof value === 'function')
    return value.name === '' ? 'a function' : `the function ${value.name}, which was not called`;
  if (typeof value !== 'object' || value === null) return String(value);
  if (isPromise(value)) return 'a promise: something was not awaited';
  if (Array.isArray(value)) return shortened(`[${value.map((one) => (isSimple(one) ? String(one) : '…')).join(', ')}]`);
  const kind = value.constructor.name;
  return kind === 'Object' ? shortened(`{ ${Object.keys(value).join(', ')} }`) : `a ${kind}`;
}

const isSimple = (value: unknown) =>
  value === null || ['number', 'string', 'boolean', 'undefined'].includes(typeof value);

function shortened(text: string): string {
  return text.length > longestValue ? `${text.slice(0, longestValue)}…` : text;
}

// The rules that options are made of.

export const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);

export function number(is: string, holds: (value: number) => boolean): Rule {
  return { is, holds: (value) => isNumber(value) && holds(value) };
}
export const positive = number('a positive number', (value) => value > 0);
export const notNegative = number('0 or a positive number', (value) => value >= 0);
export const wholeFrom = (least: number) =>
  number(`a whole number from ${least}`, (value) => Number.isInteger(value) && value >= least);
export const whole = number('a whole number', Number.isInteger);
export const text: Rule = { is: 'a text', holds: (value) => typeof value === 'string' && value !== '' };
export const yesOrNo: Rule = { is: 'true or false', holds: (value) => typeof value === 'boolean' };
export const oneOf = (...values: readonly (string | null)[]): Rule => ({
  is: `one of ${values.map((value) => JSON.stringify(value)).join(', ')}`,
  holds: (value) => values.some((one) => one === value),
});
export const object = (fields: Readonly<Record<string, Rule>>, is: string): Rule => ({
  is,
  holds: isPlainObject,
  fields,
});
export const required = (rule: Rule): Rule => ({ ...rule, required: true });
export const internal: Rule = { is: 'left out', holds: () => true, internal: true };
export const sizes = (length: number, is: string, holds: (side: number) => boolean): Rule => ({
  is,
  holds: (value) =>
    Array.isArray(value) && value.length === length && value.every((side) => isNumber(side) && holds(side)),
});
/** The size of pictures and of a base's input: what a script says, and what is said in its place. */
export const pictureSides = { least: 8, most: 4096 };
export const pictureSize = sizes(
  2,
  `[height, width] in pixels, each from ${pictureSides.least} to ${pictureSides.most}`,
  (side) => Number.isInteger(side) && side >= pictureSides.least && side <= pictureSides.most,
);

/** `128` is 128 × 128, `128x160` is 128 high. Undefined for what is no size of pictures. */
export function parseSize(text: string): readonly [number, number] | undefined {
  const sides = text.split('x').map((side) => (side.trim() === '' ? NaN : Number(side)));
  const size = sides.length === 1 ? [...sides, ...sides] : sides;
  return pictureSize.holds(size) ? (size as [number, number]) : undefined;
}
