import assert from 'node:assert/strict';
import { cpSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { createHash } from 'node:crypto';
import { test } from 'node:test';

import { checkInputRange } from '../../../src/runtime/applications/check-input.js';
import { defaultCacheDir, weightsFile } from '../../../src/runtime/applications/download.js';
import { resNet50, sapling, squeezeNet } from '../../../src/runtime/applications/index.js';
import { loadBase } from '../../../src/runtime/applications/load-base.js';
import { resolveBase } from '../../../src/runtime/applications/resolve.js';
import { preprocess, preprocessings } from '../../../src/runtime/data/preprocessing.js';
import { GraftError } from '../../../src/runtime/errors.js';
import { layersModelFiles } from '../../../src/runtime/export/saved-model.js';
import { fixtures, pixels, tinyModel } from '../../support/made-up.js';
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
  assert.match(await failure(resolveBase('saplin')), /Did you mean sapling/);
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

test('every preprocessing gives its own range, and a wrong one is named', () => {
  const image = pixels(16, 16);
  for (const mode of preprocessings) assert.equal(checkInputRange(preprocess(image, mode), mode), undefined);
  assert.match(checkInputRange(image, 'tf') ?? '', /expects -1 … 1/);
  assert.match(checkInputRange(preprocess(image, 'unit'), 'none') ?? '', /scaled twice/);
  assert.match(checkInputRange([0, NaN], 'tf') ?? '', /NaN/);
});

/** A server that can break off, and counts what it sends. */
async function serve(
  content: Buffer,
  behaviour: { breakAfter?: number },
): Promise<{ url: string; requests: string[]; close: () => void }> {
  const requests: string[] = [];
  const server = http.createServer((request, response) => {
    const range = /bytes=(\d+)-/.exec(request.headers.range ?? '');
    const start = Number(range?.[1] ?? 0);
    requests.push(request.headers.range ?? 'all');
    response.writeHead(range === null ? 200 : 206, { 'content-length': content.length - start });
    if (behaviour.breakAfter !== undefined && range === null) {
      response.write(content.subarray(0, behaviour.breakAfter), () => setTimeout(() => response.destroy(), 50));
    } else response.end(content.subarray(start));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { url: `http://127.0.0.1:${port}/weights.h5`, requests, close: () => server.close() };
}

test('a download is verified, kept, continued after a break, and refused when it is another file', async () => {
  const content = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 31) % 251));
  const hash = { algorithm: 'md5', digest: createHash('md5').update(content).digest('hex') } as const;
  const cacheDir = path.join(temporaryFolder(), 'deep', 'cache');

  const server = await serve(content, { breakAfter: 100_000 });
  const progress: number[] = [];
  assert.match(
    await failure(weightsFile({ url: server.url, hash }, { cacheDir })),
    /broke off.*continues where it stopped/,
  );
  const file = await weightsFile({ url: server.url, hash }, { cacheDir, onProgress: (bytes) => progress.push(bytes) });
  assert.deepEqual(readFileSync(file), content);
  assert.match(server.requests[1] ?? '', /^bytes=[1-9]/);
  assert.equal(progress.at(-1), content.length);
  server.close();
  // Offline from now on.
  assert.equal(await weightsFile({ url: server.url, hash }, { cacheDir }), file);
  assert.match(
    await failure(weightsFile({ url: server.url, hash }, { cacheDir: temporaryFolder() })),
    /cannot be reached.*give its path/,
  );

  const wrong = await serve(Buffer.from('something else'), {});
  const other = temporaryFolder();
  assert.match(
    await failure(weightsFile({ url: wrong.url, hash }, { cacheDir: other })),
    /not the right one.*md5.*deleted/,
  );
  wrong.close();
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
