import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { GraftError } from './errors.js';

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
