import path from 'node:path';

import { checkOptions } from '../../../common/check-options.js';
import { packageFolder } from '../../../common/package-folder.js';
import { openedRun } from '../../run/current.js';
import type { tf } from '../../tf.js';
import { registerBase } from '../base.js';
import type { BaseFacts, BundledOptions } from '../definition.js';
import { readTfjsModel } from '../files/tfjs-file.js';
import { inputShapeRule } from './input-shape.js';

/** Reads a base that comes with Graft, and remembers what it is. */
export async function readBundled(facts: BaseFacts, options: BundledOptions): Promise<tf.LayersModel> {
  const { name, call, label, size, preprocessing, licence } = facts;
  checkOptions(`applications.${call}`, options, { inputShape: inputShapeRule });
  const file = path.join(packageFolder(), 'models', name, 'model.json');
  const run = await openedRun();
  const [height, width] = options.inputShape ?? size;
  const inputShape =
    run?.override('size') ?? (options.inputShape === undefined ? undefined : ([height, width] as const));
  const { model, hash } = await readTfjsModel(file, { inputShape });
  return registerBase(model, {
    name: label,
    preprocessing,
    why: 'It was trained so.',
    weights: 'bundled',
    hash,
    licence,
  });
}
