import type { Found, Skipped } from './found-data.js';
import type { Side } from './split-words.js';
import type { DataReport } from './types.js';
import { imageWords, type Words } from './words.js';
import { Union } from './union.js';

interface Group {
  readonly ids: string[];
  readonly conflicting: boolean;
  readonly members: readonly Found[];
}

/** Why examples are left out whose labels contradict each other. */
export const inSeveralClasses = 'is in several classes';

/** Whether examples that look alike may have different labels in a task, and why they are left out otherwise. */
export interface Contradictions {
  readonly alikeMayDiffer: boolean;
  readonly contradiction: string;
}

const ofClasses: Contradictions = { alikeMayDiffer: false, contradiction: inSeveralClasses };

/** Of examples with the same content the first; under two labels none. */
export function withoutDuplicates(
  found: readonly Found[],
  skipped: Skipped[],
  { one }: Words = imageWords,
  contradiction = inSeveralClasses,
): { kept: Found[]; duplicates: readonly Group[] } {
  const groups = new Map<string, Found[]>();
  for (const entry of found) {
    const group = groups.get(entry.hash);
    if (group === undefined) groups.set(entry.hash, [entry]);
    else group.push(entry);
  }
  const kept: Found[] = [];
  const duplicates: Group[] = [];
  for (const group of groups.values()) {
    const [first] = group;
    if (first === undefined) continue;
    const conflicting = isConflicting(group);
    if (group.length > 1) duplicates.push({ ids: group.map(({ id }) => id), conflicting, members: group });
    if (!conflicting) kept.push(first);
    else skipAll(group, `the same ${one} ${contradiction}`, skipped);
  }
  return { kept, duplicates };
}

/**
 * What is to be said of the same examples on several sides of a split that the data brings: the first of each group is kept, and where
 * it is from counts. The others are added to `skipped`.
 */
export function crossed(
  duplicates: readonly Group[],
  own: ReadonlyMap<Found, Side>,
  skipped: Skipped[],
  words: Words,
): string[] {
  const sideOf = (entry: Found) => own.get(entry) ?? 'train';
  const sides = new Set<Side>();
  let count = 0;
  let example = '';
  for (const { conflicting, ids, members } of duplicates) {
    const [first] = members;
    if (conflicting || first === undefined || members.every((member) => sideOf(member) === sideOf(first))) continue;
    count++;
    if (example === '') example = ids.join(', ');
    for (const member of members) sides.add(sideOf(member));
    for (const member of members)
      if (sideOf(member) !== sideOf(first))
        skipped.push({ file: member.id, reason: `the same file is in the ${sideOf(first)} set: ${first.id}` });
  }
  if (count === 0) return [];
  return [
    `${counted(count, words)} in more than one of ${[...sides].sort().join(', ')}: what is tested or validated on is left out of the others. The first: ${example}.`,
  ];
}

/**
 * Examples that are the same one saved again. Under two labels all are left out; where the data brings its split, twins on another side
 * are, as identical ones are.
 *
 * @param alike groups by content.
 */
export function withoutNearDuplicates(
  found: readonly Found[],
  alike: readonly (readonly Found[])[],
  own: ReadonlyMap<Found, Side>,
  skipped: Skipped[],
  words: Words = imageWords,
  { alikeMayDiffer: mayDiffer, contradiction }: Contradictions = ofClasses,
): {
  readonly kept: Found[];
  readonly groups: readonly (readonly Found[])[];
  readonly found: DataReport['duplicates'];
  readonly notes: string[];
  readonly warnings: string[];
} {
  const byHash = new Map(found.map((entry) => [entry.hash, entry]));
  const groups = alike
    .map((group) => group.flatMap(({ hash }) => byHash.get(hash) ?? []).sort((a, b) => (a.id < b.id ? -1 : 1)))
    .filter((group) => group.length > 1)
    .sort((a, b) => ((a[0]?.id ?? '') < (b[0]?.id ?? '') ? -1 : 1));
  const out = new Set<Found>();
  let crossing = 0;
  const whole: Found[][] = [];
  for (const group of groups) {
    if (!mayDiffer && isConflicting(group)) {
      skipAll(group, `the same ${words.one}, saved again, ${contradiction}`, skipped);
      for (const entry of group) out.add(entry);
      continue;
    }
    // What the split below decides about has no side yet, and may not go to where its twin is not.
    const sides = group.map((entry) => own.get(entry) ?? 'train');
    const held = (['test', 'validation', 'train'] as const).find((side) => sides.includes(side));
    const elsewhere = group.filter((_, i) => sides[i] !== held);
    crossing += elsewhere.length;
    const twin = group.find((_, i) => sides[i] === held);
    for (const entry of elsewhere) {
      out.add(entry);
      skipped.push({
        file: entry.id,
        reason: `the same ${words.one}, saved again, is in the ${held ?? ''} set: ${twin?.id ?? ''}`,
      });
    }
    const together = group.filter((entry) => !out.has(entry));
    if (together.length > 1) whole.push(together);
  }
  const together = whole.reduce((sum, group) => sum + group.length, 0);
  const example =
    whole[0]
      ?.map(({ id }) => id)
      .slice(0, 3)
      .join(', ') ?? '';
  return {
    kept: found.filter((entry) => !out.has(entry)),
    groups: whole,
    found: groups.map((group) => ({ ids: group.map(({ id }) => id), conflicting: !mayDiffer && isConflicting(group) })),
    notes:
      together === 0
        ? []
        : [
            `${together} ${words.many} are near-duplicates: the same ${words.one} saved again. Each stays on the side of its twin. The first: ${example}.`,
          ],
    warnings:
      crossing === 0
        ? []
        : [
            `${counted(crossing, words)} left out: the same ${words.one}, saved again, is in the validation or test set.`,
          ],
  };
}

/** Groups of those in `wanted`, joined where they share one; two or more in each. */
export function left(wanted: ReadonlySet<Found>, groups: readonly (readonly Found[])[]): Found[][] {
  const union = new Union<Found>();
  for (const group of groups) {
    const [first, ...rest] = group.filter((entry) => wanted.has(entry));
    if (first !== undefined) for (const entry of rest) union.join(first, entry);
  }
  return union.groups();
}

function isConflicting(group: readonly Found[]): boolean {
  return group.some(({ label }) => label !== group[0]?.label);
}

function skipAll(group: readonly Found[], reason: string, skipped: Skipped[]): void {
  const labels = enumerate([...new Set(group.map(({ label }) => label))]);
  for (const { id } of group) skipped.push({ file: id, reason: `${reason}: ${labels}` });
}

/** The first ten names, and how many more: each of many examples says this. */
function enumerate(names: readonly string[]): string {
  const rest = names.length - 10;
  return rest > 0 ? `${names.slice(0, 10).join(', ')} and ${rest} more` : names.join(', ');
}

function counted(count: number, { one, many }: Words): string {
  return count === 1 ? `1 ${one} is` : `${count} ${many} are`;
}
