// Makes pictures of the training panel in every state and theme: node tools/screenshots.mjs FOLDER (npm run build first).
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { runBundled } from './run-bundled.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
await runBundled(
  path.join(root, 'test/browser/screenshots.ts'),
  path.join(root, 'dist/test/screenshots.js'),
  process.argv.slice(2),
  { GRAFT_ROOT: root },
);
