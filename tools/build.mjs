// Builds dist/: the library (index.js), the command line (cli.js), the training process (train.js), the editor's
// helper process (service.js), the extension (extension.cjs) and the training panel's webview.
import { build } from 'esbuild';
import { chmod, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { extensionBundle, runtimeBundle } from './runtime-bundle.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

await rm(path.join(root, 'dist/runtime'), { recursive: true, force: true });
await build(runtimeBundle(root, 'dist'));
await build(extensionBundle(root, 'dist'));
await chmod(path.join(root, 'dist/cli.js'), 0o755);

await build({
  absWorkingDir: root,
  entryPoints: { panel: 'webview/main.tsx' },
  outdir: 'dist/webview',
  bundle: true,
  format: 'iife',
  platform: 'browser',
  target: 'chrome120',
  jsx: 'automatic',
  jsxImportSource: 'preact',
  minify: true,
  logLevel: 'warning',
});
