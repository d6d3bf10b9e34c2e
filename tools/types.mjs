// Collects what the types of graftjs need (its declarations, TensorFlow.js's, Node's) into typescript-plugin/dist, and builds
// the plugin of VS Code's TypeScript server that uses them.
import { spawnSync } from 'node:child_process';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';
import ts from 'typescript';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const declarations = path.join(root, 'dist/types');
const entry = path.join(declarations, 'runtime/index.d.ts');
const outdir = path.join(root, 'typescript-plugin/dist');

emitDeclarations();
await rm(outdir, { recursive: true, force: true });
const packages = new Set();
for (const file of reachableFiles()) {
  const inPackage = /^(.*\/node_modules\/((?:@[^/]+\/)?[^/]+))\//.exec(file);
  if (inPackage === null) await copy(file, path.join('types/graftjs', path.relative(declarations, file)));
  // Only resolved by accident: Node's own declarations cover it.
  else if (inPackage[2] !== 'buffer') {
    packages.add(inPackage[1]);
    await copy(file, path.join('types/node_modules', path.relative(path.join(root, 'node_modules'), file)));
  }
}
for (const folder of packages) await writeManifest(folder);
// Scripts may use Node's globals and modules too.
const copied = path.join(outdir, 'types/graftjs/runtime/index.d.ts');
await writeFile(copied, `/// <reference types="node" />\n${await readFile(copied, 'utf8')}`);

await build({
  absWorkingDir: root,
  entryPoints: ['typescript-plugin/index.ts'],
  outdir,
  bundle: true,
  format: 'cjs',
  platform: 'node',
  target: 'node20',
  logLevel: 'warning',
});

function emitDeclarations() {
  const tsc = path.join(root, 'node_modules/typescript/bin/tsc');
  const { status } = spawnSync(process.execPath, [tsc, '--build', 'src/runtime'], { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(1);
}

/** Every declaration that a script importing graftjs makes TypeScript read, except its standard library. */
function reachableFiles() {
  const program = ts.createProgram([entry], {
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    target: ts.ScriptTarget.ES2022,
    types: ['node'],
    skipLibCheck: true,
  });
  return program
    .getSourceFiles()
    .filter((source) => !program.isSourceFileDefaultLibrary(source) && !source.fileName.includes('/typescript/lib/'))
    .map((source) => source.fileName);
}

async function copy(file, to) {
  const target = path.join(outdir, to);
  await mkdir(path.dirname(target), { recursive: true });
  await cp(file, target);
}

/** What TypeScript reads of a package.json. */
async function writeManifest(folder) {
  const { name, version, types, typesVersions } = JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8'));
  const target = path.join(outdir, 'types/node_modules', path.relative(path.join(root, 'node_modules'), folder));
  await writeFile(path.join(target, 'package.json'), JSON.stringify({ name, version, types, typesVersions }));
}
