import type { RunPurpose } from '../protocol/index.js';
import { runName } from './names.js';
import type { Numbers } from './numbers.js';
import type { Translate } from './translate.js';

/** What a run's title is made from. */
export interface Titled {
  readonly id: string;
  readonly script: string;
  readonly purpose: RunPurpose;
  readonly startTime: number;
  /** What the user calls it. */
  readonly name?: string | undefined;
}

/**
 * What people know each run by: the name that they gave it, else its script and when it began. No two are the same: where they
 * would be, seconds tell them apart, then the end of the id.
 */
export function runTitles(
  t: Translate,
  { shortMoment, timeOfDay }: Pick<Numbers, 'shortMoment' | 'timeOfDay'>,
  runs: readonly Titled[],
): ReadonlyMap<string, string> {
  const titles = new Map<string, string>();
  const ways: readonly ((run: Titled) => string)[] = [
    (run) => run.name ?? `${plainName(t, run)} · ${shortMoment(createdAt(run))}`,
    (run) => `${run.name ?? plainName(t, run)} · ${timeOfDay(createdAt(run))}`,
    (run) => `${run.name ?? plainName(t, run)} · ${run.id}`,
  ];
  let left = runs;
  for (const way of ways) {
    const counts = new Map<string, number>();
    for (const run of left) counts.set(way(run), (counts.get(way(run)) ?? 0) + 1);
    for (const run of left) if (counts.get(way(run)) === 1) titles.set(run.id, way(run));
    left = left.filter(({ id }) => !titles.has(id));
  }
  for (const { id } of left) titles.set(id, id);
  return titles;
}

/** The script's file, and what else than training with it the run is for. */
export function plainName(t: Translate, { script, purpose }: Pick<Titled, 'script' | 'purpose'>): string {
  return runName(t, script.split(/[\\/]/).pop() ?? script, purpose);
}

/** A resumed run starts later, and keeps its title: the id says when it was made, in UTC. */
function createdAt({ id, startTime }: Titled): number {
  const [, ...parts] = /^(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)(\d\d)-/.exec(id) ?? [];
  if (parts.length === 0) return startTime;
  const [year = 0, month = 1, day, hour, minute, second] = parts.map(Number);
  return Date.UTC(year, month - 1, day, hour, minute, second);
}
