/**
 * Checks of values that another process, a file or the webview gives: what passes is of its type. Fields that a shape does not name
 * are nobody's business and are left alone.
 */
export type Fields = Readonly<Record<string, unknown>>;
export type Check<T> = (value: unknown) => value is T;
/** A check for each field. The type makes sure that none is forgotten. */
export type Shape<T> = { readonly [Field in keyof T]-?: Check<T[Field]> };

/** A path, a name, a sentence. */
const longestText = 4_096;

export const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null;
export const isNumber: Check<number> = (value): value is number => typeof value === 'number' && Number.isFinite(value);
export const isCount: Check<number> = (value): value is number => Number.isSafeInteger(value) && Number(value) >= 0;
export const isBoolean: Check<boolean> = (value): value is boolean => typeof value === 'boolean';
export const isTextOf =
  (longest: number): Check<string> =>
  (value): value is string =>
    typeof value === 'string' && value.length <= longest;
export const isText = isTextOf(longestText);
/** What goes to the system as a path or an argument: it ends at the first NUL there. */
export const isPath: Check<string> = (value): value is string => isText(value) && value !== '' && !value.includes('\0');

export const oneOf =
  <T extends string>(names: readonly T[]): Check<T> =>
  (value): value is T =>
    names.some((name) => name === value);

export const optional =
  <T>(check: Check<T>): Check<T | undefined> =>
  (value): value is T | undefined =>
    value === undefined || check(value);

export const isArrayOf =
  <T>(check: Check<T>, longest = 1_000): Check<readonly T[]> =>
  (value): value is readonly T[] =>
    Array.isArray(value) && value.length <= longest && value.every((one) => check(one));

/** The first field that is not as the shape wants it. */
export function wrongField(shape: Readonly<Record<string, (field: unknown) => boolean>>, value: Fields) {
  return Object.entries(shape).find(
    ([name, check]) => !check(Object.hasOwn(value, name) ? value[name] : undefined),
  )?.[0];
}

export const hasShape =
  <T>(shape: Shape<T>): Check<T> =>
  (value): value is T =>
    isObject(value) && wrongField(shape, value) === undefined;
