// Collects what the types of graftjs need into typescript-plugin/dist, and builds the plugin of VS Code's TypeScript server that
// uses them.
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { build } from 'esbuild';

import { emitDeclarations, root } from './declarations.mjs';
import { graftTypes, typesOfNode } from './type-bundle.mjs';

const outdir = path.join(root, 'typescript-plugin/dist');
const node = path.join(outdir, 'types/node_modules/@types/node');

emitDeclarations();
const [ours, nodes] = await Promise.all([graftTypes(), typesOfNode()]);
await rm(outdir, { recursive: true, force: true });
await mkdir(node, { recursive: true });
await writeFile(path.join(outdir, 'types/graftjs.d.ts'), ours);
await writeFile(path.join(node, 'index.d.ts'), nodes);
const { name, version } = JSON.parse(await readFile(path.join(root, 'node_modules/@types/node/package.json'), 'utf8'));
await writeFile(path.join(node, 'package.json'), JSON.stringify({ name, version, types: 'index.d.ts' }));

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
