import { checkOptions, notNegative, number, type OptionTable, positive, required } from '../../common/check-options.js';
import type { ScheduleSpec } from '../engines/specs.js';

type Of<Kind> = Omit<Extract<ScheduleSpec, { kind: Kind }>, 'kind'>;
const peak = required(positive);
const warmup = number('a fraction of the steps, from 0 to below 1', (value) => value >= 0 && value < 1);
const schedules: {
  readonly constant: OptionTable<Of<'constant'>>;
  readonly cosine: OptionTable<Of<'cosine'>>;
  readonly step: OptionTable<Of<'step'>>;
} = {
  constant: { peak, warmup },
  cosine: { peak, warmup, floor: notNegative },
  step: {
    peak,
    warmup,
    every: number('a fraction of the steps, above 0 and at most 1', (value) => value > 0 && value <= 1),
    factor: positive,
  },
};

/** Rises over the first `warmup` fraction of the steps (default 0), then stays at `peak`. */
export function constant(options: { peak: number; warmup?: number }): ScheduleSpec {
  checkOptions('constant', options, schedules.constant);
  return { kind: 'constant', warmup: 0, ...options };
}

/** Rises over `warmup` (default 0.1 of the steps), then falls along half a cosine to `floor` (default 0). Loshchilov and Hutter 2017. */
export function cosine(options: { peak: number; warmup?: number; floor?: number }): ScheduleSpec {
  checkOptions('cosine', options, schedules.cosine);
  return { kind: 'cosine', warmup: 0.1, floor: 0, ...options };
}

/** Multiplied by `factor` (default 0.1) after every `every` fraction of the steps (default 1/3). */
export function step(options: { peak: number; warmup?: number; every?: number; factor?: number }): ScheduleSpec {
  checkOptions('step', options, schedules.step);
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
