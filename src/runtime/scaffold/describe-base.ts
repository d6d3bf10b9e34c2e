import { stat } from 'node:fs/promises';
import path from 'node:path';

import { preprocessingText, type BaseOption } from '../../protocol/index.js';
import type { BaseDefinition } from '../bases/definition.js';
import { disposeModel } from '../bases/dispose.js';
import { readH5 } from '../bases/files/h5-file.js';
import { modelKind } from '../bases/files/model-kind.js';
import { knownBase } from '../bases/known.js';
import { previewBase, type PreviewedBase } from '../bases/load-base.js';
import { readSpeeds, speedOf } from '../bases/speeds.js';
import { checkFile } from '../bases/check-file.js';
import { recognize } from '../bases/recognize.js';
import { channelsOf } from '../data/preprocessing.js';
import { findSavedModels } from '../bases/saved/find-saved.js';
import { GraftError } from '../../common/errors.js';
import { defaultFreezePoint as nearTwoThirds, freezePoints } from '../graph/freeze-points.js';
import { optionOf } from './known-options.js';

/** The models that Graft saved in a workspace, as pickers show them. */
export async function listSavedModels(workspace: string): Promise<BaseOption[]> {
  const models = await findSavedModels(workspace);
  return models.map(({ folder, info: { size, classes }, parameters }) => ({
    id: folder,
    label: path.relative(workspace, folder).split(path.sep).join('/') || path.basename(folder),
    ...{ size, parameters, classes, bytes: 4 * parameters, licence: '', weights: 'saved' },
    ...{ freezePoints: [], defaultFreezePoint: undefined },
  }));
}

/**
 * A base by name, or from a file of the user's, as pickers show it.
 *
 * @throws GraftError for what cannot be a base.
 */
export async function describeBase(base: string): Promise<BaseOption> {
  const known = knownBase(base);
  if (known !== undefined) return await optionOf(known);
  const architecture = await architectureOf(base);
  if (architecture !== undefined) {
    const option = await optionOf(architecture);
    return {
      ...option,
      bytes: (await stat(base)).size,
      id: base,
      label: `${option.label} (${path.basename(base)})`,
      weights: 'given',
    };
  }
  checkFile(base);
  const opened = await previewBase(base);
  try {
    return await optionOfModel(base, opened);
  } finally {
    disposeModel(opened.base);
  }
}

/** The network that a file of weights alone belongs to; undefined for a whole model. */
export async function architectureOf(file: string): Promise<BaseDefinition | undefined> {
  const entry = await stat(file).catch(() => undefined);
  if (entry?.isFile() !== true || (await modelKind(file)) !== 'hdf5') return undefined;
  const { config, layers } = await readH5(file);
  if (config !== undefined) return undefined;
  const found = recognize(layers);
  if (found !== undefined) return found;
  throw new GraftError(`${file} holds weights alone, of an architecture that Graft does not know.`, {
    action: 'Save the whole model, with its layers.',
  });
}

async function optionOfModel(
  id: string,
  { base: model, name, decision, saved, classes, isOfAnySize }: PreviewedBase,
): Promise<BaseOption> {
  const [, height, width] = model.inputs[0]?.shape ?? [];
  const size = [Number(height), Number(width)] as const;
  const secondsPerPicture = speedOf(await readSpeeds(), name, size);
  return {
    ...{ id, label: name },
    size,
    ...(secondsPerPicture === undefined ? {} : { secondsPerPicture }),
    ...(isOfAnySize ? { anySize: true } : {}),
    ...(channelsOf(model) === 1 ? { grey: true } : {}),
    ...(decision === undefined ? {} : { preprocessing: preprocessingText(decision.preprocessing) }),
    parameters: model.countParams(),
    bytes: 4 * model.countParams(),
    licence: '',
    ...(classes === undefined ? {} : { classes }),
    weights: saved === undefined ? 'given' : 'saved',
    freezePoints: freezePoints(model).map(({ name, depth }) => ({ layer: name, depth })),
    defaultFreezePoint: nearTwoThirds(model),
  };
}
