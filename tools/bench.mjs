// Builds and runs a measurement: node tools/bench.mjs NAME [ARGUMENT…] runs bench/NAME.ts.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const [name = '', ...rest] = process.argv.slice(2);
const entry = path.join(root, 'bench', `${name}.ts`);
if (!existsSync(entry)) {
  console.error(`There is no measurement ${name}: see bench/.`);
  process.exit(2);
}
const outfile = path.join(root, 'dist', 'bench', `${name}.js`);
await build({
  entryPoints: [entry],
  outfile,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  packages: 'external',
  logLevel: 'warning',
});
const { status } = spawnSync(process.execPath, [outfile, ...rest], { stdio: 'inherit' });
process.exit(status ?? 1);
