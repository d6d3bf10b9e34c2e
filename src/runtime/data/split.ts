import { permutation, seedOf } from '../../common/random.js';
import type { Found } from './found-data.js';
import type { Side } from './split-words.js';

interface StratumOptions {
  /** Fractions of each stratum; 0 for a side that the data bring or nobody wants. */
  readonly validation: number;
  readonly test: number;
  readonly seed: number;
  /** Pictures of one group stay on one side. */
  readonly groups: readonly (readonly Found[])[];
}

/** Thrown when groups cannot be kept together: this class would be missing on a side. */
export class Unsplittable extends Error {
  constructor(
    readonly label: string,
    readonly side: Side,
  ) {
    super(`${label} cannot be split`);
  }
}

/**
 * The side of each example: a fraction of each stratum, chosen by the seed. Where there are groups, whole groups are taken as long as
 * they bring it nearer to what is wanted.
 *
 * @param members of one stratum each (a class, where there are classes), sorted.
 * @throws Unsplittable when a stratum has groups for one side only.
 */
export function splitByStratum(
  members: ReadonlyMap<string, readonly Found[]>,
  options: StratumOptions,
): ReadonlyMap<Found, Side> {
  const wanted = new Map([...members].map(([name, { length }]) => [name, quota(length, options)] as const));
  return options.groups.length === 0 ? byExample(members, wanted, options.seed) : byGroup(members, wanted, options);
}

type Quota = Readonly<Record<'validation' | 'test', number>>;

/** At least one for each side that is wanted, and one to learn from. */
function quota(count: number, { validation, test }: StratumOptions): Quota {
  const part = (fraction: number, most: number) =>
    fraction === 0 ? 0 : Math.max(0, Math.min(most, Math.max(1, Math.round(count * fraction))));
  const forTest = part(test, count - 1 - Number(validation > 0));
  return { validation: part(validation, count - 1 - forTest), test: forTest };
}

function byExample(
  members: ReadonlyMap<string, readonly Found[]>,
  wanted: ReadonlyMap<string, Quota>,
  seed: number,
): Map<Found, Side> {
  const sides = new Map<Found, Side>();
  for (const [name, found] of members) {
    const { validation = 0, test = 0 } = wanted.get(name) ?? {};
    const order = permutation(found.length, seedOf(seed, 'split', name));
    order.forEach((index, place) => {
      const member = found[index];
      const side = place < validation ? 'validation' : place < validation + test ? 'test' : 'train';
      if (member !== undefined) sides.set(member, side);
    });
  }
  return sides;
}

interface Unit {
  readonly members: readonly Found[];
  /** How many of each class. */
  readonly counts: ReadonlyMap<string, number>;
}

function byGroup(
  members: ReadonlyMap<string, readonly Found[]>,
  wanted: ReadonlyMap<string, Quota>,
  { groups, seed }: StratumOptions,
): Map<Found, Side> {
  const units = unitsOf([...members.values()].flat(), groups);
  const shuffled = Array.from(permutation(units.length, seedOf(seed, 'split', 'groups')), (i) => units[i]);
  const waiting = new Set(shuffled.filter((unit) => unit !== undefined));
  const left = new Map([...members].map(([name, { length }]) => [name, length]));
  const sides = new Map<Found, Side>();
  for (const side of ['validation', 'test'] as const) {
    const open = new Map([...wanted].map(([name, quotas]) => [name, quotas[side]]));
    const leavesSome = ({ counts }: Unit) => [...counts].every(([name, count]) => (left.get(name) ?? 0) > count);
    // Nearer to what is wanted with it than without it.
    const fits = ({ counts }: Unit) => {
      let gain = 0;
      for (const [name, count] of counts) {
        const wants = open.get(name) ?? 0;
        gain += Math.abs(wants) - Math.abs(wants - count);
      }
      return gain > 0;
    };
    const take = (unit: Unit) => {
      for (const member of unit.members) sides.set(member, side);
      for (const [name, count] of unit.counts) {
        open.set(name, (open.get(name) ?? 0) - count);
        left.set(name, (left.get(name) ?? 0) - count);
      }
      waiting.delete(unit);
    };
    for (const unit of waiting) if (fits(unit) && leavesSome(unit)) take(unit);
    // No group was small enough: the smallest one, rather than none.
    for (const [name, quotas] of wanted) {
      if (quotas[side] === 0 || (open.get(name) ?? 0) < quotas[side]) continue;
      const smallest = [...waiting]
        .filter((unit) => unit.counts.has(name) && leavesSome(unit))
        .reduce<Unit | undefined>(
          (a, b) => (a !== undefined && a.members.length <= b.members.length ? a : b),
          undefined,
        );
      if (smallest === undefined) throw new Unsplittable(name, side);
      take(smallest);
    }
  }
  for (const { members } of waiting) for (const member of members) sides.set(member, 'train');
  return sides;
}

function unitsOf(members: readonly Found[], groups: readonly (readonly Found[])[]): Unit[] {
  const grouped = new Set(groups.flat());
  const alone = members.filter((member) => !grouped.has(member)).map((member) => [member]);
  return [...groups, ...alone].map((unit) => {
    const counts = new Map<string, number>();
    for (const { label } of unit) counts.set(label, (counts.get(label) ?? 0) + 1);
    return { members: unit, counts };
  });
}
