// Makes graftjs-<version>.tgz: the library and the command line as an npm package, with types.
import { spawnSync } from 'node:child_process';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { build } from 'esbuild';

import { declarations, emitDeclarations, ownFiles, root } from './declarations.mjs';
import { runtimeBundle } from './runtime-bundle.mjs';

const stage = path.join(root, 'dist/library');

emitDeclarations();
await rm(stage, { recursive: true, force: true });
await mkdir(stage, { recursive: true });
await build({ ...runtimeBundle(root, path.join(stage, 'dist')), sourcemap: false });
for (const file of ownFiles()) await cp(file, path.join(stage, 'types', path.relative(declarations, file)));
// Scripts may use Node's globals and modules too.
const index = path.join(stage, 'types/runtime/index.d.ts');
await writeFile(index, `/// <reference types="node" />\n${await readFile(index, 'utf8')}`);
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
