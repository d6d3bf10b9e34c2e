import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';

import { build } from 'esbuild';

test('the extension host gets nothing of TensorFlow.js, ONNX Runtime, sharp or h5wasm', async () => {
  const { metafile } = await build({
    entryPoints: ['src/extension/extension.ts'],
    bundle: true,
    write: false,
    metafile: true,
    format: 'cjs',
    platform: 'node',
    external: ['vscode'],
    outdir: 'dist',
  });
  const packages = Object.keys(metafile.inputs).filter((file) => file.includes('node_modules'));
  assert.deepEqual(
    packages.filter((file) => /tensorflow|onnxruntime|sharp|h5wasm/.test(file)),
    [],
  );
  const imports = Object.values(metafile.outputs).flatMap((output) =>
    output.imports.filter(({ external }) => external),
  );
  const outside = imports.map(({ path: name }) => name.replace(/^node:/, '').split('/')[0] ?? '');
  const { builtinModules } = await import('node:module');
  assert.deepEqual(
    outside.filter((name) => name !== 'vscode' && !builtinModules.includes(name)),
    [],
  );
  const runtime = Object.keys(metafile.inputs).filter((file) => file.startsWith(path.join('src', 'runtime')));
  assert.ok(!runtime.some((file) => file.endsWith('tf.ts')), runtime.join('\n'));
});
