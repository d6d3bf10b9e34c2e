import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { GraftError } from '../errors.js';
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
  const { model, hash } = await readTfjsModel(file, size);
  const { preprocessing, licence } = registry.sapling;
  return registerBase(model, { name: 'sapling', preprocessing, weights: 'bundled', hash, licence });
}

/** The folder of Graft's package: the nearest one above this file that has the bundled models. */
export function packageFolder(): string {
  let folder = path.dirname(fileURLToPath(import.meta.url));
  for (;;) {
    const manifest = path.join(folder, 'package.json');
    if (existsSync(manifest) && existsSync(path.join(folder, 'models'))) {
      const { name } = JSON.parse(readFileSync(manifest, 'utf8')) as { name?: unknown };
      if (name === 'graft' || name === 'graftjs') return folder;
    }
    const parent = path.dirname(folder);
    if (parent === folder)
      throw new GraftError('The files that come with Graft are not where they belong.', {
        action: 'Install Graft again.',
      });
    folder = parent;
  }
}
