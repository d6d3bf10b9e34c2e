import path from 'node:path';

import { packageFolder } from '../package-folder.js';
import type { tf } from '../tf.js';
import { registerBase } from './base.js';
import { registry } from './registry.js';
import { readTfjsModel } from './tfjs-file.js';

/**
 * sapling: Graft's own small base, whose weights come with it. A residual network, 128 × 128 × 3 → 8 × 8 × 512, distilled
 * from MobileNetV2 on pictures made by formulas (tools/sapling). Preprocessing: `tf`.
 *
 * @param options inputShape: [height, width, 3], default [128, 128, 3].
 */
export async function sapling(
  options: { inputShape?: readonly [number, number, number] } = {},
): Promise<tf.LayersModel> {
  const file = path.join(packageFolder(), 'models', 'sapling', 'model.json');
  const size = options.inputShape === undefined ? undefined : ([options.inputShape[0], options.inputShape[1]] as const);
  const { model, hash } = await readTfjsModel(file, { inputShape: size });
  const { preprocessing, licence } = registry.sapling;
  return registerBase(model, { name: 'sapling', preprocessing, weights: 'bundled', hash, licence });
}
