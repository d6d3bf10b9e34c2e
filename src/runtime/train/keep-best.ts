import path from 'node:path';

import type { Metrics } from '../../protocol/index.js';
import { GraftError } from '../../common/errors.js';
import { saveTrained } from '../export/saved-model.js';
import type { TrainedModel } from '../export/types.js';
import type { Run } from '../run/run.js';
import type { Progress } from './progress.js';
import { Astray } from './train-epochs.js';

/**
 * A training that goes astray leaves the model of its best epoch in the run's folder: to resume would lead to the same place.
 *
 * @returns what to throw: the error, with where the model is.
 */
export async function keepBest(
  error: unknown,
  run: Run,
  progress: Progress,
  trained: (metrics: Metrics) => TrainedModel,
): Promise<unknown> {
  const { best } = progress.state;
  if (!(error instanceof Astray) || best === undefined || !progress.takeBest()) return error;
  const folder = path.join(run.folder, 'model');
  return await saveTrained(trained(best.metrics), folder).then(
    () =>
      new GraftError(error.message, {
        action: `${error.action} The model of the best epoch until then (${best.stage} ${best.epoch}) is in ${folder}.`,
        cause: error,
      }),
    () => error,
  );
}
