// Builds and runs a measurement: node tools/bench.mjs NAME [ARGUMENT…] runs bench/NAME.ts.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { runBundled } from './run-bundled.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const [name = '', ...rest] = process.argv.slice(2);
const entry = path.join(root, 'bench', `${name}.ts`);
if (!existsSync(entry)) {
  console.error(`There is no measurement ${name}: see bench/.`);
  process.exit(2);
}
await runBundled(entry, path.join(root, 'dist', 'bench', `${name}.js`), rest);
