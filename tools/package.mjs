// Makes graft-<platform>-<version>.vsix: the extension with the runtime and its native libraries, for this platform only.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { createVSIX } from '@vscode/vsce';
import { build } from 'esbuild';

import { trackedFiles } from './tracked-files.mjs';
import { extensionBundle, packagedRuntimeBundle } from './runtime-bundle.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const stage = path.join(root, 'dist/package');
/** What the package holds of the repository as it is. */
const ownFiles = [
  ...['README.md', 'CHANGELOG.md', 'LICENSE', 'media', 'models', 'sample', 'templates', 'l10n'],
  ':(glob)package.nls*.json',
];
const manifest = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'));
const platform = `${process.platform}-${process.arch}`;

for (const step of ['tools/build.mjs', 'tools/types.mjs']) {
  const { status } = spawnSync(process.execPath, [step], { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(1);
}
await rm(stage, { recursive: true, force: true });
await build(packagedRuntimeBundle(root, path.join(stage, 'dist')));
await build({ ...extensionBundle(root, path.join(stage, 'dist')), sourcemap: false });
await copy('dist/webview');
// Not what else lies in these folders: a model that somebody trained there would travel along.
for (const name of trackedFiles(root, ownFiles)) if (path.basename(name) !== 'tsconfig.json') await copy(name);
const dependencies = await copyDependencies();
await writeManifest(dependencies);

const packagePath = path.join(root, `graft-${platform}-${manifest.version}.vsix`);
await createVSIX({
  cwd: stage,
  packagePath,
  target: platform,
  dependencies: true,
  allowMissingRepository: true,
  rewriteRelativeLinks: false,
});
await printSizes(packagePath);

/** What cannot be bundled: native libraries, WebAssembly files, and what TypeScript's server loads by name. */
async function copyDependencies() {
  const wasm = '@tensorflow/tfjs-backend-wasm';
  const native = `onnxruntime-node/bin/napi-v6/${process.platform}/${process.arch}`;
  if (!existsSync(path.join(root, 'node_modules', native)))
    throw new Error(`ONNX Runtime has no library for ${platform}: Graft cannot be packaged for it.`);
  const names = [
    ...['onnxruntime-node', 'onnxruntime-common', wasm, 'libheif-js', 'graft-typescript-plugin'],
    ...(await sharpPackages()),
  ];

  await copy('node_modules/onnxruntime-node/dist', (file) => !/\.(map|d\.ts)$/.test(file));
  // Left out: compilers of GPU programs, which no engine here uses; and macOS's second copy of the library.
  await copy(
    `node_modules/${native}`,
    (file) => !/(dxcompiler|dxil)\.dll$|onnxruntime\.\d+\.\d+\.\d+\.dylib$/.test(file),
  );
  await copy('node_modules/onnxruntime-common/dist/cjs', (file) => !/\.(map|d\.ts)$/.test(file));
  // The others are for threads, which TensorFlow.js does not use in Node, and for processors too old for sharp.
  await copy(`node_modules/${wasm}/dist`, (file) => !path.extname(file) || /wasm-simd\.wasm$/.test(file), false);
  // The decoder of HEIC, as files of its own: its licence (LGPL) wants it to be replaceable.
  await copy('node_modules/libheif-js/libheif-wasm', (file) => !/(bundle\.m?js|\.d\.ts)$/.test(file));
  await copy('node_modules/graft-typescript-plugin/dist');
  for (const name of await sharpPackages())
    await copy(`node_modules/${name}`, (file) => !/\.(md|h)$|glib-2\.0$|package\.json$/.test(file));

  const versions = {};
  for (const name of names) {
    const own = JSON.parse(await readFile(path.join(root, 'node_modules', name, 'package.json'), 'utf8'));
    const { version, main, exports, type, license } = own;
    versions[name] = version;
    const trimmed = { name, version, license, type, main, exports };
    await writeFile(path.join(stage, 'node_modules', name, 'package.json'), JSON.stringify(trimmed));
    for (const file of await readdir(path.join(root, 'node_modules', name)))
      if (/^(licen[cs]e|copying|third)/i.test(file)) await copy(path.join('node_modules', name, file));
  }
  return versions;
}

/** sharp's native parts for this machine, as npm has chosen them. */
async function sharpPackages() {
  const names = await readdir(path.join(root, 'node_modules/@img'));
  return names.filter((name) => name.startsWith('sharp-')).map((name) => `@img/${name}`);
}

async function writeManifest(dependencies) {
  const { scripts: _scripts, devDependencies: _development, private: _private, bin: _bin, ...rest } = manifest;
  await writeFile(path.join(stage, 'package.json'), JSON.stringify({ ...rest, dependencies }, null, 2));
}

async function copy(name, filter = () => true, recursive = true) {
  const target = path.join(stage, name);
  await mkdir(path.dirname(target), { recursive: true });
  if (recursive) return await cp(path.join(root, name), target, { recursive, dereference: true, filter });
  await mkdir(target, { recursive: true });
  for (const file of await readdir(path.join(root, name), { withFileTypes: true }))
    if (file.isFile() && filter(file.name)) await cp(path.join(root, name, file.name), path.join(target, file.name));
}

async function printSizes(file) {
  const parts = new Map();
  for (const entry of await readdir(stage, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const place = path.join(entry.parentPath, entry.name);
    const words = path.relative(stage, place).split(path.sep);
    const depth = words[0] === 'node_modules' ? (words[1].startsWith('@') ? 3 : 2) : 1;
    const part = words.slice(0, depth).join('/');
    parts.set(part, (parts.get(part) ?? 0) + (await stat(place)).size);
  }
  for (const [part, bytes] of [...parts].sort((one, two) => two[1] - one[1]))
    console.log(`${megabytes(bytes)}  ${part}`);
  console.log(`${megabytes((await stat(file)).size)}  ${path.basename(file)}`);
}

function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(2).padStart(7)} MB`;
}
