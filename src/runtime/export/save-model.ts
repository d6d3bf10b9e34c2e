import path from 'node:path';

import { currentRun } from '../runs/current.js';
import { saveTrained } from './saved-model.js';
import type { TrainedModel } from './types.js';

/**
 * Saves a trained model as a folder: `model.json`, its weights and `graft.json`. `graft evaluate`, `predict` and `export`
 * need nothing else. A run from scratch, which is there to be compared, leaves the folder as it is.
 *
 * @throws GraftError when it cannot be written; an older model there is then untouched.
 * @example
 * await saveModel(run.best, 'models/flowers');
 */
export async function saveModel(trained: TrainedModel, directory: string): Promise<void> {
  const run = await currentRun();
  if (run.info.purpose === 'from-scratch') return;
  await saveTrained(trained, directory);
  run.emit({ type: 'saved', directory: path.resolve(directory) });
}
