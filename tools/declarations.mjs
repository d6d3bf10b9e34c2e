// The declarations of graftjs, and those of its packages that a script importing it makes TypeScript read.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import ts from 'typescript';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
export const declarations = path.join(root, 'dist/types');
export const entry = path.join(declarations, 'runtime/index.d.ts');

export function emitDeclarations() {
  const tsc = path.join(root, 'node_modules/typescript/bin/tsc');
  const { status } = spawnSync(process.execPath, [tsc, '--build', 'src/runtime'], { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(1);
}

/** Our own files among them. */
export function ownFiles() {
  const program = ts.createProgram([entry], {
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    target: ts.ScriptTarget.ES2022,
    types: ['node'],
    skipLibCheck: true,
  });
  return program
    .getSourceFiles()
    .map(({ fileName }) => fileName)
    .filter((file) => !path.relative(declarations, file).startsWith('..'));
}
