// Makes graftjs-<version>.tgz: the library and the command line as an npm package, with types.
import { spawnSync } from 'node:child_process';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';

import { runtimeBundle } from './runtime-bundle.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const stage = path.join(root, 'dist/library');

run(process.execPath, ['tools/types.mjs'], root);
await rm(stage, { recursive: true, force: true });
await mkdir(stage, { recursive: true });
await build({ ...runtimeBundle(root, path.join(stage, 'dist')), sourcemap: false });
await cp(path.join(root, 'typescript-plugin/dist/types/graftjs'), path.join(stage, 'types'), { recursive: true });
for (const name of ['README.md', 'LICENSE', 'models', 'sample', 'templates'])
  await cp(path.join(root, name), path.join(stage, name), { recursive: true });

const { version, description, license, type, engines, dependencies } = JSON.parse(
  await readFile(path.join(root, 'package.json'), 'utf8'),
);
const manifest = {
  name: 'graftjs',
  version,
  description,
  license,
  type,
  engines: { node: engines.node ?? '>=20.9.0' },
  bin: { graft: 'dist/cli.js' },
  main: 'dist/index.js',
  types: 'types/runtime/index.d.ts',
  exports: {
    '.': { types: './types/runtime/index.d.ts', default: './dist/index.js' },
    './package.json': './package.json',
  },
  dependencies: { ...dependencies, '@types/node': '>=20' },
};
await writeFile(path.join(stage, 'package.json'), JSON.stringify(manifest, null, 2));
run('npm', ['pack', '--silent', '--pack-destination', root], stage);

function run(command, args, cwd) {
  const { status } = spawnSync(command, args, { cwd, stdio: 'inherit', shell: process.platform === 'win32' });
  if (status !== 0) process.exit(1);
}
