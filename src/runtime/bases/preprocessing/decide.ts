import path from 'node:path';

import { programOf } from '../../graph/program.js';
import type { tf } from '../../tf.js';
import { labelsText, readTeachable } from '../files/teachable.js';
import { isSaved } from '../saved/saved-folder.js';
import { readSavedInfo } from '../saved/saved-info.js';
import type { Decision } from './decision.js';
import { byDefinition } from './by-definition.js';
import { byFamily } from './families.js';
import { byFirstLayers } from './first-layers.js';

/**
 * How a model wants its pixels: as its file's neighbours say, as its first layers show, or as the network was trained that it is. How the file
 * is called says nothing. Undefined where nothing is known.
 *
 * @param model whole, its classifier included.
 * @param file that it was read from.
 */
export async function decidePreprocessing(model: tf.LayersModel, file: string): Promise<Decision | undefined> {
  if (isSaved(file)) {
    const { preprocessing } = await readSavedInfo(path.join(path.dirname(file), 'graft.json'));
    return { preprocessing, why: 'It was saved with it.' };
  }
  const program = programOf(model);
  const shown = byFirstLayers(program);
  if (shown !== undefined) return shown;
  const teachable = await readTeachable(file);
  if (teachable !== undefined) {
    const classes = labelsText(teachable.labels);
    return { preprocessing: 'tf', why: `Teachable Machine, which exported it (${classes}), prepares its pictures so.` };
  }
  return byDefinition(program) ?? byFamily(program);
}
