import { counted } from '../../common/counted.js';
import { GraftError } from '../../common/errors.js';
import type { Label } from '../data/example.js';
import type { Words } from '../data/words.js';
import type { Run } from '../run/run.js';
import type { TaskDefinition } from '../tasks/index.js';
import type { Unreadable } from './prefix-pass.js';

/** Says in the run's log how many examples were left out, and why the first one was. */
export function warnUnreadable(run: Pick<Run, 'warn'>, unreadable: readonly Unreadable[], { one, many }: Words): void {
  const [first] = unreadable;
  if (first === undefined) return;
  const files = new Set(unreadable.map(({ example }) => example.id)).size;
  run.warn(`${counted(files, `${one} was`, `${many} were`)} left out: ${first.error.message}`, first.error.action);
}

/**
 * What is left must be worth a training: where a folder disappears while its files are read, the others alone would teach that
 * its class does not exist.
 *
 * @param left label of each readable example.
 * @throws GraftError when a class or label has no example to learn from, or none is left to check with.
 */
export function checkLeft(
  who: string,
  task: TaskDefinition,
  names: readonly string[],
  left: { readonly train: readonly Label[]; readonly validation: readonly Label[] },
  { one }: Words,
): void {
  const action = 'Check the files that were left out; the run names the first one with its reason.';
  if (left.train.length === 0 || left.validation.length === 0) {
    throw new GraftError(
      `${who}: no readable ${one} is left for ${left.train.length === 0 ? 'training' : 'validation'}.`,
      { action },
    );
  }
  const gone = task.missing(left.train, names);
  if (gone !== undefined)
    throw new GraftError(`${who}: no readable ${one} of the class "${gone}" is left for training.`, { action });
}
