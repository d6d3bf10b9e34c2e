/** What the checks of messages are made of. */
export type Fields = Readonly<Record<string, unknown>>;
export type Check<T> = (value: unknown) => value is T;

const longestText = 4_096;

export const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null;
export const isText: Check<string> = (value): value is string =>
  typeof value === 'string' && value.length <= longestText;
export const isNumber: Check<number> = (value): value is number => typeof value === 'number' && Number.isFinite(value);
export const isBoolean: Check<boolean> = (value): value is boolean => typeof value === 'boolean';
export const oneOf =
  <T extends string>(names: readonly T[]): Check<T> =>
  (value): value is T =>
    names.some((name) => name === value);
export const optional =
  <T>(check: Check<T>): Check<T | undefined> =>
  (value): value is T | undefined =>
    value === undefined || check(value);
