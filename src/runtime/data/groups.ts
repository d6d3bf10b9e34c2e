import { GraftError, messageOf } from '../../common/errors.js';
import type { Found } from './scan.js';

/** Groups that people named. */
export interface NamedGroups {
  /** The name of a picture's group, by its id. */
  readonly names: ReadonlyMap<string, string>;
  /** Those of two or more pictures. */
  readonly members: readonly (readonly Found[])[];
}

/**
 * Pictures that a column or a pattern puts into one group. How many there are is said in `notes`.
 *
 * @param column the group of a picture by its id.
 * @throws GraftError for a pattern that is none, or matches nothing.
 */
export function groupsOf(
  pictures: readonly Found[],
  column: ReadonlyMap<string, string> | undefined,
  pattern: RegExp | string | undefined,
  notes: string[],
): NamedGroups {
  const names = new Map<string, string>();
  if (pattern === undefined && (column === undefined || column.size === 0)) return { names, members: [] };
  const groupOf = pattern === undefined ? ({ id }: Found) => column?.get(id) : matcher(pattern, pictures);
  const groups = new Map<string, Found[]>();
  for (const picture of pictures) {
    const name = groupOf(picture);
    if (name === undefined) continue;
    names.set(picture.id, name);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [picture]);
    else group.push(picture);
  }
  const inGroups = [...groups.values()].reduce((sum, group) => sum + group.length, 0);
  const alone = pictures.length - inGroups;
  notes.push(
    `${groups.size} groups (${[...groups.keys()].slice(0, 3).join(', ')}, …), each on one side of the split${alone === 0 ? '' : `; ${alone} pictures are in none`}.`,
  );
  return { names, members: [...groups.values()].filter((group) => group.length > 1) };
}

function matcher(pattern: RegExp | string, pictures: readonly Found[]): (picture: Found) => string | undefined {
  const expression = compile(pattern);
  const groupOf = ({ id }: Found) => {
    const match = expression.exec(id.slice(id.lastIndexOf('/') + 1)) ?? expression.exec(id);
    // Brackets that took no part in the match are undefined, whatever the types say.
    const parts: readonly (string | undefined)[] = match?.slice(1) ?? [];
    return parts.find((part) => part !== undefined) ?? match?.[0];
  };
  if (!pictures.some((picture) => groupOf(picture) !== undefined))
    throw new GraftError(
      `group: ${String(expression)} matches no name of a picture; the first is ${pictures[0]?.id ?? ''}.`,
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
