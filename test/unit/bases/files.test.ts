import assert from 'node:assert/strict';
import { cpSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { defaultCacheDir } from '../../../src/runtime/bases/download/download.js';
import { resNet50, sapling, squeezeNet } from '../../../src/runtime/bases/definitions/index.js';
import { loadBase } from '../../../src/runtime/bases/load-base.js';
import { checkFile } from '../../../src/runtime/bases/check-file.js';
import { GraftError } from '../../../src/common/errors.js';
import { layersModelFiles } from '../../../src/runtime/export/saved-model.js';
import { fixtures, tinyModel } from '../../support/made-up.js';
import { temporaryFolder } from '../../support/pictures.js';
import { sharedData } from '../../support/shared-data.js';

async function failure(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof GraftError, `no GraftError: ${String(error)}`);
  return `${error.message} ${error.action}`;
}

/** A small tfjs model on disk. */
async function savedModel(): Promise<string> {
  const folder = temporaryFolder();
  const { topology, weights } = await layersModelFiles(tinyModel());
  writeFileSync(path.join(folder, 'model.json'), topology);
  writeFileSync(path.join(folder, 'weights.bin'), weights);
  return folder;
}

function edit(
  folder: string,
  change: (manifest: { weightsManifest: { paths: string[] }[]; format?: string }) => void,
): void {
  const file = path.join(folder, 'model.json');
  const manifest = JSON.parse(readFileSync(file, 'utf8')) as { weightsManifest: { paths: string[] }[] };
  change(manifest);
  writeFileSync(file, JSON.stringify(manifest));
}

test('a model.json that is not whole says what is wrong', async () => {
  const missing = await savedModel();
  rmSync(path.join(missing, 'weights.bin'));
  assert.match(await failure(loadBase(missing)), /names the shard weights\.bin, which cannot be read/);

  const short = await savedModel();
  truncateSync(path.join(short, 'weights.bin'), 100);
  assert.match(await failure(loadBase(short)), /hold 100 bytes, model\.json describes \d+/);

  const climbing = await savedModel();
  edit(
    climbing,
    (manifest) => (manifest.weightsManifest[0] = { ...manifest.weightsManifest[0], paths: ['../../etc/passwd'] }),
  );
  assert.match(await failure(loadBase(climbing)), /outside its folder: \.\.\/\.\.\/etc\/passwd/);

  const nan = await savedModel();
  const weights = readFileSync(path.join(nan, 'weights.bin'));
  weights.writeFloatLE(NaN, 8);
  writeFileSync(path.join(nan, 'weights.bin'), weights);
  assert.match(await failure(loadBase(nan)), /not a number, at 2/);

  const graph = await savedModel();
  edit(graph, (manifest) => (manifest.format = 'graph-model'));
  assert.match(await failure(loadBase(graph)), /graph model/);

  const broken = await savedModel();
  writeFileSync(path.join(broken, 'model.json'), '{"modelTopology":');
  assert.match(await failure(loadBase(broken)), /model\.json is not valid JSON/);
  assert.match(await failure(loadBase('/nowhere/model.json')), /There is no model/);
});

const shardNames: readonly [what: string, named: string, onDisk: string][] = [
  ['as it is', 'group1-shard1of1.bin', 'group1-shard1of1.bin'],
  ['escaped as in an address', 'group1-shard1of1%20(1).bin', 'group1-shard1of1 (1).bin'],
  ['with a letter of two bytes', 'gewichte-%C3%BC.bin', 'gewichte-ü.bin'],
  ['with an escape that is part of the name', 'a%20b.bin', 'a%20b.bin'],
  ['with a per cent sign', '100%.bin', '100%.bin'],
];
for (const [what, named, onDisk] of shardNames)
  test(`a shard is found by its name ${what}`, async () => {
    const folder = await savedModel();
    edit(folder, (manifest) => (manifest.weightsManifest[0] = { ...manifest.weightsManifest[0], paths: [named] }));
    renameSync(path.join(folder, 'weights.bin'), path.join(folder, onDisk));
    (await loadBase(folder)).dispose();
  });

test('of two shards it is the one that is named so', async () => {
  const folder = await savedModel();
  edit(folder, (manifest) => (manifest.weightsManifest[0] = { ...manifest.weightsManifest[0], paths: ['a%20b.bin'] }));
  renameSync(path.join(folder, 'weights.bin'), path.join(folder, 'a%20b.bin'));
  writeFileSync(path.join(folder, 'a b.bin'), 'another model');
  (await loadBase(folder)).dispose();
});

const shardsOutside: readonly [named: string, expected: RegExp][] = [
  ['..%2Foutside.bin', /names a shard outside its folder: \.\.%2Foutside\.bin\./],
  ['%2Fetc%2Fhostname', /names a shard outside its folder: %2Fetc%2Fhostname\./],
  ['inside%2F..%2F..%2Foutside.bin', /names a shard outside its folder/],
  ['none%20such.bin', /names the shard none%20such\.bin, which cannot be read/],
  ['nul%00.bin', /names the shard nul%00\.bin, which cannot be read/],
];
for (const [named, expected] of shardsOutside)
  test(`a shard that is called ${named} is refused`, async () => {
    const folder = path.join(temporaryFolder(), 'model');
    cpSync(await savedModel(), folder, { recursive: true });
    edit(folder, (manifest) => (manifest.weightsManifest[0] = { ...manifest.weightsManifest[0], paths: [named] }));
    renameSync(path.join(folder, 'weights.bin'), path.join(folder, '..', 'outside.bin'));
    assert.match(await failure(loadBase(folder)), expected);
  });

test('truncated and foreign files say what is wrong', async () => {
  const folder = temporaryFolder();
  for (const name of ['tiny.h5', 'tiny.keras']) {
    const file = path.join(folder, name);
    cpSync(path.join(fixtures, name), file);
    truncateSync(file, 5000);
    assert.match(await failure(loadBase(file)), /is not a whole/);
  }
  assert.match(
    await failure(resNet50({ weights: path.join(fixtures, 'tiny.h5'), includeTop: false })),
    /does not fit resnet50: it has no weights for the layer conv1_conv/,
  );
  const text = path.join(folder, 'text.h5');
  writeFileSync(text, 'hello');
  assert.match(await failure(loadBase(text)), /text\.h5 is not a model that can be read/);
  assert.match(await failure(loadBase(path.join(fixtures, 'tiny.h5'), { cutAt: 'denze' })), /Did you mean "dense"/);
  assert.throws(
    () => {
      checkFile('saplin');
    },
    ({ action }: GraftError) => action === 'Did you mean sapling?',
  );
  assert.match(await failure(squeezeNet({})), /Give the path/);
});

const squeezenet = sharedData('keras-squeezenet-notop/squeezenet_weights_tf_dim_ordering_tf_kernels_notop.h5');
test('weights alone need the name of their architecture', squeezenet.options, async () => {
  assert.match(await failure(loadBase(squeezenet.path)), /weights alone.*applications\.squeezeNet/);
});

const partial = sharedData('tfjs-mobilenet-v1-1.0-224-partial');
test('a real model with a missing shard', partial.options, async () => {
  assert.match(
    await failure(loadBase(path.join(partial.path, 'model-original-incomplete.json'))),
    /names the shard group\d+-shard1of1, which cannot be read/,
  );
});

test('sapling comes with Graft, in its own size and in others', async () => {
  const model = await sapling();
  assert.deepEqual(model.outputs[0]?.shape, [null, 8, 8, 512]);
  const small = await sapling({ inputShape: [96, 96, 3] });
  assert.deepEqual(small.outputs[0]?.shape, [null, 6, 6, 512]);
  model.dispose();
  small.dispose();
});

test('the cache folder is what each system calls it', () => {
  assert.equal(defaultCacheDir({}, 'linux', '/home/me'), path.join('/home/me', '.cache', 'graft', 'weights'));
  assert.equal(defaultCacheDir({ XDG_CACHE_HOME: '/x' }, 'linux', '/home/me'), path.join('/x', 'graft', 'weights'));
  assert.equal(
    defaultCacheDir({}, 'darwin', '/Users/me'),
    path.join('/Users/me', 'Library', 'Caches', 'graft', 'weights'),
  );
  assert.match(defaultCacheDir({ LOCALAPPDATA: 'L' }, 'win32', 'H'), /^L.graft.weights$/);
});
