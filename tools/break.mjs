// Damages files and looks at what Graft makes of them:
//   node tools/break.mjs --seed N --files M     M damaged files, drawn from the seed
//   node tools/break.mjs --only FOLDER          one case again, as an earlier call kept it
//   --format NAME…                              of these formats only
// The last line counts what must not be; the exit code is 1 where that is not 0.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';

import { entryPoints, runtimeBundle } from './runtime-bundle.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const folder = path.join(root, 'dist', 'break');
await build({
  ...runtimeBundle(root, folder),
  entryPoints: { ...entryPoints, worker: 'tools/break/worker.ts', break: 'tools/break/main.ts' },
});
const child = spawn(process.execPath, [path.join(folder, 'break.js'), ...process.argv.slice(2)], { stdio: 'inherit' });
child.once('exit', (code) => process.exit(code ?? 1));
