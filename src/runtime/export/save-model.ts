import path from 'node:path';

import { checkArgument, checkOptions, isPlainObject, type OptionTable, yesOrNo } from '../../common/check-options.js';
import { GraftError, messageOf } from '../../common/errors.js';
import { currentRun } from '../run/current.js';
import type { Run } from '../run/run.js';
import { pathToWrite } from '../run/script-path.js';
import { modelInPlace } from './place.js';
import { saveTrained } from './saved-model.js';
import type { TrainedModel } from './types.js';

export interface SaveOptions {
  /** Whether the model of another script may be replaced. Default false. */
  readonly overwrite?: boolean;
}

const saveOptions: OptionTable<SaveOptions> = { overwrite: yesOrNo };

/**
 * Saves a trained model as a folder: `model.json`, its weights and `graft.json`. `graft evaluate`, `predict` and `export`
 * need nothing else. A run that is there to be compared (`graft prove`) saves nothing.
 *
 * @param directory relative to the script. A model that the same script saved there is replaced.
 * @throws GraftError when it cannot be written, when another script's model is there, and when other things are; all is then untouched,
 *   and the model is in the run's folder.
 * @example
 * await saveModel(run.best, 'models/flowers');
 */
export async function saveModel(trained: TrainedModel, directory: string, options: SaveOptions = {}): Promise<void> {
  checkTrained(trained);
  checkPath(directory);
  checkOptions('saveModel', options, saveOptions);
  const run = await currentRun();
  if (run.info.purpose === 'from-scratch' || run.override('save') === false) return;
  await run.during(async () => {
    await save(run, trained, pathToWrite(run, directory), options);
  });
}

async function save(run: Run, trained: TrainedModel, target: string, { overwrite = false }: SaveOptions) {
  const { script, workspace } = run.info;
  const own = path.relative(workspace, path.resolve(workspace, script)).split(path.sep).join('/');
  try {
    const before = await modelInPlace(target, { script: own, workspace, overwrite });
    await saveTrained(trained, target, own);
    run.emit({ type: 'saved', directory: target, ...(before === undefined ? {} : { replaced: before }) });
  } catch (error) {
    throw withModelOfRun(error, run);
  }
}

function checkTrained(trained: unknown): void {
  if (isPlainObject(trained) && 'best' in trained && isTrained(trained['best'])) {
    throw new GraftError('saveModel: the model is the whole result of fit(…).', {
      action: 'Give the best epoch of it: saveModel(run.best, …)',
    });
  }
  checkArgument('saveModel', 'the model', trained, {
    is: 'a trained model: run.best',
    maker: 'fit(…) or logisticRegression(…)',
    holds: isTrained,
  });
}

const isTrained = (value: unknown) =>
  isPlainObject(value) && ['model', 'classes', 'size', 'metrics'].every((field) => field in value);

function checkPath(directory: unknown): void {
  if (typeof directory === 'string' && directory.trim() !== '') return;
  const what = directory === undefined ? 'there is no path' : `the path is ${JSON.stringify(directory)}`;
  throw new GraftError(`saveModel: ${what}.`, {
    action: "Say where the model goes: saveModel(run.best, 'models/flowers')",
  });
}

/** An hour of training is not lost because of a name. */
function withModelOfRun(error: unknown, run: Run): unknown {
  if (!run.hasTrained) return error;
  const action = error instanceof GraftError ? error.action : 'Choose another folder.';
  return new GraftError(messageOf(error), {
    action: `${action.replace(/(?<![.!?])$/, '.')} The trained model is in ${path.join(run.folder, 'model')}`,
    cause: error,
  });
}
