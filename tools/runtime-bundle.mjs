// How the extension and the runtime are bundled. The runtime: for this repository and for npm, where packages stay outside; and for the extension's package,
// where everything but native code is inside.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

export const entryPoints = {
  index: 'src/runtime/index.ts',
  cli: 'src/runtime/cli/bootstrap.ts',
  'command-line': 'src/runtime/cli/main.ts',
  train: 'src/runtime/process/train.ts',
  hooks: 'src/runtime/process/hooks.ts',
  service: 'src/runtime/service/main.ts',
  hdf5: 'src/runtime/bases/files/hdf5/worker.ts',
  heic: 'src/runtime/data/image/heic/worker.ts',
};

/** The extension: one file. Options of esbuild. */
export function extensionBundle(root, outdir) {
  return {
    absWorkingDir: root,
    entryPoints: { extension: 'src/extension/extension.ts' },
    outdir,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    external: ['vscode'],
    inject: ['tools/vscode-once.mjs'],
    plugins: [vscodeOnce, nodeOnce],
    // As it is shipped: what a window reads first is what is measured.
    minify: true,
    keepNames: true,
    sourcemap: true,
    logLevel: 'warning',
  };
}

/** The fifty files that import the editor's API get it from tools/vscode-once.mjs: a namespace of their own would copy its five hundred names. */
const vscodeOnce = {
  name: 'vscode once',
  setup(build) {
    build.onLoad({ filter: /[\\/]src[\\/]extension[\\/].*\.ts$/ }, async ({ path: file }) => {
      const text = await readFile(file, 'utf8');
      return { contents: text.replace("import * as vscode from 'vscode';", ''), loader: 'ts' };
    });
  },
};

/** Node's modules, once each: every file that imports one would have a copy of its own, and a long name for what is in it. */
const nodeOnce = {
  name: 'node once',
  setup(build) {
    build.onResolve({ filter: /^node:/ }, ({ path, kind }) =>
      kind === 'import-statement' ? { path, namespace: 'node', sideEffects: false } : { path, external: true },
    );
    build.onLoad({ filter: /.*/, namespace: 'node' }, ({ path }) => {
      const names = Object.keys(createRequire(import.meta.url)(path)).filter((name) => /^[a-z]\w*$/i.test(name));
      const lines = names.map((name) => `export const ${name} = /* @__PURE__ */ of('${name}');`);
      return {
        contents: [
          `const all = require('${path}');`,
          'const of = (name) => all[name];',
          'export { all as default };',
          ...lines,
        ].join('\n'),
      };
    });
  },
};

/** The runtime. Options of esbuild. */
export function runtimeBundle(root, outdir) {
  return {
    absWorkingDir: root,
    entryPoints,
    outdir,
    chunkNames: 'runtime/[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    sourcemap: true,
    logLevel: 'warning',
  };
}

/** The entry points that the library starts as threads. */
export function threadsBundle(root) {
  const { hdf5, heic } = entryPoints;
  return { ...runtimeBundle(root, 'dist'), entryPoints: { hdf5, heic }, splitting: false };
}

/** The same without node_modules: only what holds native code, or WebAssembly files, is found at run time. */
export function packagedRuntimeBundle(root, outdir) {
  return {
    ...runtimeBundle(root, outdir),
    packages: 'bundle',
    external: ['onnxruntime-node', '@img/sharp-*'],
    // TensorFlow.js's ECMAScript modules, so that what nothing reaches is left out.
    mainFields: ['module', 'main'],
    banner: { js: commonJsNames },
    plugins: [withoutBrowserParts],
    minify: true,
    keepNames: true,
    // WebAssembly lies in a string of h5wasm's; escaped it would be half as large again.
    charset: 'utf8',
    sourcemap: false,
    metafile: true,
  };
}

/** What the CommonJS modules inside expect to find. */
const commonJsNames = [
  "import { createRequire as $createRequire } from 'node:module';",
  "import { fileURLToPath as $fileURLToPath } from 'node:url';",
  'const require = $createRequire(import.meta.url);',
  'const __filename = $fileURLToPath(import.meta.url);',
  "const __dirname = $fileURLToPath(new URL('.', import.meta.url));",
].join('\n');

/** Parts of TensorFlow.js that no Node process can use, or that Node has itself. */
const withoutBrowserParts = {
  name: 'without-browser-parts',
  setup(build) {
    const replacements = {
      '@tensorflow/tfjs-backend-webgl': "export const version_webgl = '';",
      'node-fetch': 'module.exports = globalThis.fetch;',
    };
    build.onResolve({ filter: /^(@tensorflow\/tfjs-backend-webgl|node-fetch)$/ }, ({ path }) => ({
      path,
      namespace: 'replacement',
      sideEffects: false,
    }));
    build.onLoad({ filter: /.*/, namespace: 'replacement' }, ({ path }) => ({ contents: replacements[path] }));
  },
};
