import path from 'node:path';

import { exportOnnx } from './onnx.js';
import { withModel } from './saved-model.js';
import { exportTfjs } from './tfjs.js';

/**
 * Writes a saved model for use elsewhere; what was written is loaded again and compared.
 *
 * @param out default: MODEL.onnx or MODEL-tfjs beside the model.
 * @returns where it is, and by how much its probabilities differ from the model's.
 */
export async function exportModel(
  directory: string,
  to: 'onnx' | 'tfjs',
  out?: string,
  signal?: AbortSignal,
): Promise<{ path: string; largestDifference: number }> {
  const folder = path.resolve(path.basename(directory) === 'model.json' ? path.dirname(directory) : directory);
  const target = out ?? `${folder}${to === 'onnx' ? '.onnx' : '-tfjs'}`;
  const { difference } = await withModel(directory, (trained) =>
    to === 'onnx' ? exportOnnx(trained, target, signal) : exportTfjs(trained, target, signal),
  );
  return { path: target, largestDifference: difference };
}
