import { GraftError } from '../../common/errors.js';
import type { Label } from '../data/example.js';
import type { Run } from '../run/run.js';
import type { TaskDefinition } from '../tasks/index.js';
import type { Unreadable } from './prefix-pass.js';

/** Says in the run's log how many pictures were left out, and why the first one was. */
export function warnUnreadable(run: Pick<Run, 'warn'>, unreadable: readonly Unreadable[]): void {
  const [first] = unreadable;
  if (first === undefined) return;
  const files = new Set(unreadable.map(({ example }) => example.id)).size;
  run.warn(
    `${files === 1 ? '1 picture was' : `${files} pictures were`} left out: ${first.error.message}`,
    first.error.action,
  );
}

/**
 * What is left must be worth a training: where a folder disappears while its pictures are read, the others alone would teach that
 * its class does not exist.
 *
 * @param left label of each readable picture.
 * @throws GraftError when a class or label has no picture to learn from, or none is left to check with.
 */
export function checkLeft(
  who: string,
  task: TaskDefinition,
  names: readonly string[],
  left: { readonly train: readonly Label[]; readonly validation: readonly Label[] },
): void {
  const action = 'Check the files that were left out; the run names the first one with its reason.';
  if (left.train.length === 0 || left.validation.length === 0) {
    throw new GraftError(
      `${who}: no readable picture is left for ${left.train.length === 0 ? 'training' : 'validation'}.`,
      { action },
    );
  }
  const gone = task.missing(left.train, names);
  if (gone !== undefined)
    throw new GraftError(`${who}: no readable picture of the class "${gone}" is left for training.`, { action });
}
