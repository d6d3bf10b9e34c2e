import type { ScheduleSpec } from './specs.js';

/** Rises over the first `warmup` fraction of the steps (default 0), then stays at `peak`. */
export function constant(options: { peak: number; warmup?: number }): ScheduleSpec {
  return { kind: 'constant', warmup: 0, ...options };
}

/** Rises over `warmup` (default 0.1 of the steps), then falls along half a cosine to `floor` (default 0). Loshchilov and Hutter 2017. */
export function cosine(options: { peak: number; warmup?: number; floor?: number }): ScheduleSpec {
  return { kind: 'cosine', warmup: 0.1, floor: 0, ...options };
}

/** Multiplied by `factor` (default 0.1) after every `every` fraction of the steps (default 1/3). */
export function step(options: { peak: number; warmup?: number; every?: number; factor?: number }): ScheduleSpec {
  return { kind: 'step', warmup: 0, every: 1 / 3, factor: 0.1, ...options };
}

/** The learning rate of step `index` (from 0) of `total`. */
export function learningRateAt(schedule: ScheduleSpec, index: number, total: number): number {
  const warmup = Math.round(schedule.warmup * total);
  if (index < warmup) return (schedule.peak * (index + 1)) / warmup;
  const progress = total > warmup ? (index - warmup) / (total - warmup) : 0;
  switch (schedule.kind) {
    case 'constant':
      return schedule.peak;
    case 'cosine':
      return schedule.floor + (schedule.peak - schedule.floor) * 0.5 * (1 + Math.cos(Math.PI * progress));
    case 'step':
      return schedule.peak * schedule.factor ** Math.floor(progress / schedule.every + 1e-9);
  }
}
