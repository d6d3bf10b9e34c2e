// Makes pictures of the training panel in every state and theme: node tools/screenshots.mjs FOLDER (npm run build first).
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const outfile = path.join(root, 'dist/test/screenshots.js');
await build({
  entryPoints: [path.join(root, 'test/browser/screenshots.ts')],
  outfile,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  packages: 'external',
  logLevel: 'warning',
});
const { status } = spawnSync(process.execPath, [outfile, ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: { ...process.env, GRAFT_ROOT: root },
});
process.exit(status ?? 1);
