import { GraftError, messageOf } from '../../common/errors.js';
import type { Found } from './found-data.js';
import type { Words } from './words.js';

/** Groups that people named. */
interface NamedGroups {
  /** The name of an example's group, by its id. */
  readonly names: ReadonlyMap<string, string>;
  /** Those of two or more examples. */
  readonly members: readonly (readonly Found[])[];
}

/**
 * Examples that a column or a pattern puts into one group. How many there are is said in `notes`.
 *
 * @param column the group of an example by its id.
 * @throws GraftError for a pattern that is none, or matches nothing.
 */
export function groupsOf(
  found: readonly Found[],
  column: ReadonlyMap<string, string> | undefined,
  pattern: RegExp | string | undefined,
  notes: string[],
  words: Words,
): NamedGroups {
  const names = new Map<string, string>();
  if (pattern === undefined && (column === undefined || column.size === 0)) return { names, members: [] };
  const groupOf = pattern === undefined ? ({ id }: Found) => column?.get(id) : matcher(pattern, found, words);
  const groups = new Map<string, Found[]>();
  for (const one of found) {
    const name = groupOf(one);
    if (name === undefined) continue;
    names.set(one.id, name);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [one]);
    else group.push(one);
  }
  const inGroups = [...groups.values()].reduce((sum, group) => sum + group.length, 0);
  const alone = found.length - inGroups;
  notes.push(
    `${groups.size} groups (${[...groups.keys()].slice(0, 3).join(', ')}, …), each on one side of the split${alone === 0 ? '' : `; ${alone} ${words.many} are in none`}.`,
  );
  return { names, members: [...groups.values()].filter((group) => group.length > 1) };
}

function matcher(pattern: RegExp | string, found: readonly Found[], words: Words): (one: Found) => string | undefined {
  const expression = compile(pattern);
  const groupOf = ({ id }: Found) => {
    const match = expression.exec(id.slice(id.lastIndexOf('/') + 1)) ?? expression.exec(id);
    // Brackets that took no part in the match are undefined, whatever the types say.
    const parts: readonly (string | undefined)[] = match?.slice(1) ?? [];
    return parts.find((part) => part !== undefined) ?? match?.[0];
  };
  if (!found.some((one) => groupOf(one) !== undefined))
    throw new GraftError(
      `group: ${String(expression)} matches no name of a ${words.one}; the first is ${found[0]?.id ?? ''}.`,
      {
        action: 'Write a pattern that fits the names, with brackets around what names the group: /^(patient\\d+)_/.',
      },
    );
  return groupOf;
}

/** Without the flags that make a pattern remember where it was. */
function compile(pattern: RegExp | string): RegExp {
  try {
    return typeof pattern === 'string'
      ? new RegExp(pattern, 'u')
      : new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, ''));
  } catch (error) {
    throw new GraftError(`group: "${String(pattern)}" is no regular expression: ${messageOf(error)}.`, {
      action: 'Write one like "^(patient[0-9]+)_".',
      cause: error,
    });
  }
}
