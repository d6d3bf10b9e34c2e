import type { Phase, RunEvent } from '../src/protocol/index.js';

/** Seconds that a run spent in each phase, by its event log. */
export function phaseSeconds(events: readonly RunEvent[]): Record<string, number> {
  const seconds: Record<string, number> = {};
  const starts = new Map<Phase, number>();
  for (const event of events) {
    if (event.type !== 'phase') continue;
    if (event.state === 'started') starts.set(event.phase, event.time);
    else {
      const since = starts.get(event.phase) ?? event.time;
      seconds[event.phase] = (seconds[event.phase] ?? 0) + (event.time - since) / 1000;
    }
  }
  return seconds;
}
