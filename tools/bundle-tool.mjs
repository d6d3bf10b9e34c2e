// Bundles tools that are written in TypeScript and work with what `npm run build` made: into dist/NAME, beside its cli.js.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

/** Returns the folder of the bundles. */
export async function bundleTool(name, entryPoints) {
  if (!existsSync(path.join(root, 'dist', 'cli.js'))) {
    console.error('Build Graft first: npm run build');
    process.exit(2);
  }
  const outdir = path.join(root, 'dist', name);
  await build({
    absWorkingDir: root,
    entryPoints,
    outdir,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    sourcemap: true,
    logLevel: 'warning',
  });
  return outdir;
}
