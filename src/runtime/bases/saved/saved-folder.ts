import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';

import type { Task } from '../../../protocol/index.js';
import { GraftError, nearest } from '../../../common/errors.js';
import type { tf } from '../../tf.js';
import { disposeModel } from '../dispose.js';
import { readTfjsModel, type LoadedModel } from '../files/tfjs-file.js';
import { readExamples, type SavedExamples } from './saved-examples.js';
import { readSavedInfo, type SavedInfo } from './saved-info.js';

/** Whether a model.json is one that Graft saved, with a graft.json beside it. */
export function isSaved(modelFile: string): boolean {
  return path.basename(modelFile) === 'model.json' && existsSync(path.join(path.dirname(modelFile), 'graft.json'));
}

/**
 * Reads a folder that `saveModel` wrote, and holds all that is in it against what was saved.
 *
 * @throws GraftError when it is not one, damaged, or changed.
 */
export async function readSavedFolder(
  folder: string,
  inputShape?: readonly [number, number],
): Promise<LoadedModel & { readonly info: SavedInfo; readonly examples?: SavedExamples }> {
  const file = path.join(folder, 'graft.json');
  if (!existsSync(file)) throw await noModel(folder);
  const info = await readSavedInfo(file);
  const { weights, model: modelHash, examples: examplesHash } = info.hashes;
  const examples = examplesHash === undefined ? {} : { examples: await readExamples(folder, examplesHash) };
  const loaded = await readTfjsModel(path.join(folder, 'model.json'), {
    inputShape,
    expected: { weights, model: modelHash },
  });
  const problem = misfit(loaded.model, info, inputShape ?? info.size);
  if (problem === undefined) return { ...loaded, ...examples, info };
  disposeModel(loaded.model);
  throw new GraftError(`${file} does not fit the model beside it: ${problem}.`, {
    action: 'The folder is damaged or was edited: copy it again, or save the model again from its script.',
  });
}

const mostListed = 5;

/** A slip of the pen: the nearest of the models about; or all of them. */
async function noModel(folder: string): Promise<GraftError> {
  const models = await modelsNear(folder);
  const inside = models.filter((model) => isWithin(folder, model));
  const guess =
    nearest(folder, models) ??
    models.find((model) => path.basename(model) === path.basename(folder)) ??
    onlyOne(inside.length > 0 ? inside : models);
  const what = existsSync(folder)
    ? `${folder} is no model that Graft saved: it has no graft.json.`
    : `There is no model ${folder}.`;
  const listed = inside.length > 0 ? inside : models;
  const some = `${listed.slice(0, mostListed).join(', ')}${listed.length > mostListed ? ', …' : ''}`;
  const none = 'Give a folder that saveModel wrote.';
  return new GraftError(what, {
    action: guess !== undefined ? `Did you mean ${guess}?` : listed.length > 0 ? `The models here are ${some}.` : none,
  });
}

/** In the folder itself, beside it, and in `models`: also where its own parent is the slip. */
async function modelsNear(folder: string): Promise<string[]> {
  const parent = path.dirname(folder);
  const places = [folder, parent, path.dirname(parent)].flatMap((place) => [place, path.join(place, 'models')]);
  const models = new Set<string>();
  for (const place of places)
    for (const name of await readdir(place).catch(() => []))
      if (existsSync(path.join(place, name, 'graft.json'))) models.add(path.join(place, name));
  return [...models];
}

function isWithin(folder: string, file: string): boolean {
  const relative = path.relative(folder, file);
  return relative !== '' && !relative.startsWith('..');
}

const onlyOne = (names: readonly string[]) => (names.length === 1 ? names[0] : undefined);

function misfit(
  { inputs, outputs }: tf.LayersModel,
  { task = 'classification', thresholds, deviations, classes }: SavedInfo,
  size: readonly number[],
): string | undefined {
  const [input, output] = [inputs[0]?.shape ?? [], outputs[0]?.shape ?? []];
  if (inputs.length !== 1 || input.length !== 4 || (input[3] !== 3 && input[3] !== 1)) return 'its input is no picture';
  if (size.some((side, i) => (input[i + 1] ?? side) !== side))
    return `its pictures are ${size.join(' × ')}, and the model takes ${input.slice(1, 3).join(' × ')}`;
  const units = output[1] ?? 0;
  // One output stands for two classes.
  const expected = task === 'classification' && units === 1 ? 2 : units;
  if (outputs.length !== 1 || output.length !== 2 || classes.length !== expected)
    return `it names ${classes.length} ${nameOf[task]}, and the model has ${units} outputs`;
  if (thresholds !== undefined && thresholds.length !== units)
    return `it has ${thresholds.length} thresholds, and the model has ${units} outputs`;
  if (deviations !== undefined && deviations.length !== units)
    return `it has ${deviations.length} deviations, and the model has ${units} outputs`;
  return undefined;
}

const nameOf: Readonly<Record<Task, string>> = {
  classification: 'classes',
  'multi-label': 'labels',
  regression: 'numbers',
};
