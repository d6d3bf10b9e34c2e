import { assertUnreachable, type Phase, type RunActivity, type RunPurpose } from '../protocol/index.js';
import type { Numbers } from './numbers.js';
import { headline } from './task-figures.js';
import type { Translate } from './translate.js';

/** What a run is at, by the name of what runs now: `fine-tuning, epoch 3/12, 91.7 %`. */
export function activity(t: Translate, numbers: Numbers, purpose: RunPurpose, now: RunActivity) {
  const { phase, stage, epoch, epochs, metrics, fraction, state } = now;
  if (state === 'paused') return t('paused');
  if (state === 'breakpoint') return t('at a breakpoint');
  if (phase === undefined) return t('starting');
  if (phase !== 'train' || epoch === undefined || epochs === undefined) return inPhase(t, phase, purpose, fraction);
  const values: [number, number, ...string[]] = [
    epoch,
    epochs,
    ...(metrics === undefined ? [] : [headline(t, numbers, metrics)]),
  ];
  const known = metrics !== undefined;
  // From random weights there is one stage: everything trains.
  if (stage === undefined || purpose !== 'train')
    return known ? t('epoch {0}/{1}, {2}', ...values) : t('epoch {0}/{1}', ...values);
  if (stage === 'head')
    return known
      ? t('training the head, epoch {0}/{1}, {2}', ...values)
      : t('training the head, epoch {0}/{1}', ...values);
  return known ? t('fine-tuning, epoch {0}/{1}, {2}', ...values) : t('fine-tuning, epoch {0}/{1}', ...values);
}

function inPhase(t: Translate, phase: Phase, purpose: RunPurpose, fraction: number | undefined): string {
  const done = fraction === undefined ? undefined : Math.floor(100 * fraction);
  const say = (words: string) => (done === undefined ? words : t('{0}, {1} %', words, done));
  switch (phase) {
    case 'read':
      return say(t('reading the data'));
    case 'prefix':
      return say(t('running the frozen layers'));
    case 'train':
      return say(purpose === 'learning-rate' ? t('trying learning rates') : t('training'));
    case 'evaluate':
      return say(t('evaluating'));
    case 'save':
      return say(t('saving'));
    default:
      return assertUnreachable(phase);
  }
}
