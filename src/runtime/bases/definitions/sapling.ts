import path from 'node:path';

import { checkOptions } from '../../check-options.js';
import { packageFolder } from '../../package-folder.js';
import { openedRun } from '../../runs/current.js';
import type { tf } from '../../tf.js';
import { inputShapeRule } from '../build/application.js';
import { registerBase } from '../base.js';
import { registry } from './registry.js';
import { readTfjsModel } from '../files/tfjs-file.js';

/**
 * sapling: Graft's own small base, whose weights come with it. A residual network, 128 × 128 × 3 → 8 × 8 × 512, distilled
 * from MobileNetV2 on pictures made by formulas (tools/sapling). Preprocessing: `tf`.
 *
 * @param options inputShape: [height, width, 3], default [128, 128, 3].
 */
export async function sapling(
  options: { inputShape?: readonly [number, number, number] } = {},
): Promise<tf.LayersModel> {
  checkOptions('applications.sapling', options, { inputShape: inputShapeRule });
  const file = path.join(packageFolder(), 'models', 'sapling', 'model.json');
  const run = await openedRun();
  const [height, width] = options.inputShape ?? registry.sapling.size;
  const size = run?.override('size') ?? (options.inputShape === undefined ? undefined : ([height, width] as const));
  const { model, hash } = await readTfjsModel(file, { inputShape: size });
  const { preprocessing, licence } = registry.sapling;
  return registerBase(model, { name: 'sapling', preprocessing, weights: 'bundled', hash, licence });
}
