import path from 'node:path';

import { exportPath } from './export-path.js';
import { exportOnnx } from './onnx.js';
import type { PlaceOptions } from './place-files.js';
import { withModel } from './saved-model.js';
import { taskOf } from '../tasks/index.js';
import { exportTfjs } from './tfjs.js';

/**
 * Writes a saved model for use elsewhere; what was written is loaded again and compared.
 *
 * @param out default: exports/MODEL.onnx or exports/MODEL-tfjs in the working folder.
 * @returns where it is, and by how much its outputs differ from the model's.
 * @throws GraftError where something is already, without `force`.
 */
export async function exportModel(
  directory: string,
  to: 'onnx' | 'tfjs',
  out: string = exportPath(directory, to, ''),
  options: PlaceOptions = {},
): Promise<{ path: string; largestDifference: number; outputName: 'probabilities' | 'numbers' }> {
  const write = to === 'onnx' ? exportOnnx : exportTfjs;
  return await withModel(directory, async (trained) => {
    const { difference } = await write(trained, out, options);
    return { path: path.normalize(out), largestDifference: difference, outputName: taskOf(trained).outputName };
  });
}
