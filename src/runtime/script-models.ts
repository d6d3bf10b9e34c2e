import { checkValue, text } from '../common/check-options.js';
import * as saved from './export/saved-model.js';
import type { TrainedModel } from './export/types.js';
import { openedRun } from './run/current.js';
import { pathToRead } from './run/script-path.js';

/**
 * Reads a folder that `saveModel` wrote.
 *
 * @param directory relative to the script.
 * @throws GraftError when it is not one, or damaged.
 */
export async function loadModel(directory: string): Promise<TrainedModel> {
  checkValue('loadModel', 'the folder', directory, { ...text, is: 'the path of a folder that saveModel wrote' });
  const run = await openedRun();
  return await saved.loadModel(run === undefined ? directory : pathToRead(run, directory));
}
