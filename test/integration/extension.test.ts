import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { startTraining } from '../../src/extension/runs/start.js';
import { RunWatch } from '../../src/extension/runs/run-watch.js';
import { ServiceClient } from '../../src/extension/service/client.js';
import { dataItems } from '../../src/extension/scaffold/choices.js';
import { copySample } from '../../src/extension/sample.js';
import { GraftError } from '../../src/common/errors.js';
import { knownBases } from '../../src/runtime/bases/known.js';
import { endProcess } from '../../src/runs/end-process.js';
import { claimRun, findOwner } from '../../src/runs/owner.js';
import { sendControl } from '../../src/runs/control/client.js';
import { EventEmitter, type CancellationToken } from 'vscode';
import { fixtures } from '../support/made-up.js';
import { signalChild } from '../support/processes.js';
import { pictureFolder, temporaryFolder } from '../support/pictures.js';

const base = path.join(fixtures, 'tiny.h5');
const log = { info: () => undefined, warn: () => undefined };
const client = (program = path.resolve('dist/service.js'), node = process.execPath, idleMs = 60_000) =>
  new ServiceClient({ program, node: () => ({ path: node, environment: {} }), log, idleMs, startMs: 10_000 });
let data = '';
const service = client();

before(async () => {
  data = await pictureFolder(['blue', 'green', 'red'], 12);
});
after(() => {
  service.dispose();
});

test('the helper process: data, bases, a script, a model file', async () => {
  const summary = await service.call('summarizeData', { folder: data });
  assert.deepEqual(summary, {
    ...{ directory: data, layout: 'folder', notes: [], nested: false, pictures: 36, tasks: ['classification'] },
    classes: ['blue', 'green', 'red'].map((name) => ({ name, count: 12 })),
  });
  const one = await pictureFolder(['only'], 2);
  for (const [folder, why] of [
    [
      path.join(data, 'red'),
      /red holds 12 pictures, but no folders that say what they show\. .*give the folder above: .* holds blue, green, red/,
    ],
    [one, /has only one class: only\./],
    [base, /is a file, not a folder\. .*or a \.csv file/],
  ] as const)
    await assert.rejects(service.call('summarizeData', { folder }), (error: unknown) => {
      assert.ok(error instanceof GraftError);
      assert.match(`${error.message} ${error.action}`, why);
      return true;
    });
  const bases = await service.call('listBases', {});
  assert.deepEqual(
    bases.map(({ id }) => id),
    knownBases.map(({ name }) => name),
  );
  for (const { id, freezePoints, defaultFreezePoint } of bases) {
    const depths = freezePoints.map(({ depth }) => depth);
    assert.deepEqual(
      depths,
      [...depths].sort((a, b) => a - b),
      id,
    );
    assert.ok(
      depths.every((depth) => depth > 0 && depth <= 1),
      id,
    );
    assert.ok(
      freezePoints.some(({ layer }) => layer === defaultFreezePoint),
      id,
    );
  }
  const tiny = await service.call('describeBase', { base });
  assert.deepEqual([tiny.size, tiny.weights], [[16, 16], 'given']);
  const workspace = temporaryFolder();
  const text = await service.call('scriptText', {
    ...{ technique: 'fine-tuning', data, base: 'sapling', freezeUpTo: 'conv3_block2_out', workspace },
  });
  assert.match(text, /freeze\(base, \{ upTo: 'conv3_block2_out' \}\)/);
  const model = await service.call('describeModel', { file: base });
  assert.equal(model.parameters, 364);
  assert.deepEqual(model.layers[1], {
    ...{ name: 'conv', type: 'Conv2D', outputShape: [null, 8, 8, 8], parameters: 216, trainable: true },
  });
});

test('errors of the helper process keep their action; its own end is an error too', async () => {
  await assert.rejects(service.call('describeModel', { file: 'none.h5' }), /none\.h5 cannot be read/);
  const broken = temporaryFolder();
  const silent = path.join(broken, 'exit.mjs');
  writeFileSync(silent, 'process.exit(3);');
  await assert.rejects(client(silent).call('listBases', {}), /ended with code 3/);
  await assert.rejects(
    client(undefined, path.join(broken, 'no-node')).call('listBases', {}),
    /ENOENT.*|could not start/,
  );
  const old = path.join(broken, 'old.mjs');
  writeFileSync(old, "process.send({ type: 'ready', protocol: 99 }); setInterval(() => {}, 1000);");
  await assert.rejects(client(old).call('listBases', {}), /does not speak protocol 1/);
  const dies = path.join(broken, 'dies.mjs');
  writeFileSync(dies, "process.send({ type: 'ready', protocol: 1 }); process.on('message', () => process.exit(9));");
  await assert.rejects(client(dies).call('listBases', {}), /ended with code 9/);
});

test('folders of pictures are found; where the helper process cannot start, the reason comes instead', async () => {
  const workspace = temporaryFolder();
  await pictureFolder(['blue', 'red'], 2, path.join(workspace, 'pictures'));
  const items = await dataItems(service, workspace);
  assert.deepEqual(
    items.map(({ description }) => description),
    ['2 classes, 4 pictures', undefined, undefined],
  );
  const none = client(undefined, path.join(data, 'no-node'));
  await assert.rejects(dataItems(none, workspace), /helper process could not start with .*no-node.*ENOENT/);
});

test('a parent of two data sets comes below them; a folder with nothing but one of them is not offered twice', async () => {
  const workspace = temporaryFolder();
  for (const name of ['animals', 'plants/kinds']) await pictureFolder(['a', 'b'], 2, path.join(workspace, name));
  const items = await dataItems(service, workspace);
  const labels = items.map(({ label }) => label.split(path.sep).join('/')).slice(0, -2);
  assert.deepEqual(labels.slice(0, 2), ['animals', 'plants/kinds']);
  assert.deepEqual(labels.slice(2), [path.basename(workspace)]);
});

test('a cancelled call ends at once, and the next one works', async () => {
  const cancel = new EventEmitter<void>();
  const token = { isCancellationRequested: false, onCancellationRequested: cancel.event } as CancellationToken;
  const call = service.call('checkEnvironment', { folder: data }, token);
  setTimeout(() => {
    cancel.fire();
  }, 50);
  await assert.rejects(call, (error: Error) => error.constructor.name.includes('CancellationError'));
  assert.equal((await service.call('summarizeData', { folder: data })).classes.length, 3);
});

function script(workspace: string, extra = ''): string {
  const file = path.join(workspace, 'train.ts');
  writeFileSync(
    file,
    `import { fit, freeze, imageFolder, loadBase, tf } from 'graftjs';
const data = await imageFolder(${JSON.stringify(data)}, { size: [16, 16], seed: 7 });
const base = await loadBase(${JSON.stringify(base)}, { preprocessing: 'tf' });
freeze(base, { upTo: 'relu' });
let x = tf.layers.globalAveragePooling2d({}).apply(base.outputs) as tf.SymbolicTensor;
x = tf.layers.dense({ units: data.classes.length, activation: 'softmax' }).apply(x) as tf.SymbolicTensor;
${extra}
await fit(tf.model({ inputs: base.inputs, outputs: x }), data, { epochs: 100000, headEpochs: 1, batchSize: 8 });
`,
  );
  return file;
}

const launch = (workspace: string, program = path.resolve('dist/train.js'), node = process.execPath) => ({
  ...{ program, node, folder: path.join(workspace, '.graft', 'runs', 'r1'), workspace, script: script(workspace) },
  ...{ engine: 'auto' as const, resume: false },
});

async function follow(watch: RunWatch, until: () => boolean, seconds = 60): Promise<void> {
  const end = Date.now() + seconds * 1000;
  while (!until()) {
    if (Date.now() > end) throw new Error(`Waited ${seconds} s: ${JSON.stringify(watch.summary)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await watch.poll();
  }
}

test('a run is followed from its log; a second window finds it; stop ends it with a checkpoint', async () => {
  const workspace = temporaryFolder();
  const child = await startTraining(launch(workspace));
  const folder = path.join(workspace, '.graft', 'runs', 'r1');
  const first = await RunWatch.open(folder);
  await follow(first, () => first.summary.epoch?.stage === 'fine-tune');
  const second = await RunWatch.open(folder);
  assert.equal(second.summary.status, 'running');
  assert.notEqual(second.summary.epoch, undefined);
  await sendControl(folder, first.summary.info, 'stop');
  await child.ended;
  for (const watch of [first, second]) {
    await watch.poll();
    assert.deepEqual([watch.summary.status, watch.summary.checkpoint], ['stopped', true]);
  }
});

test('a killed run is interrupted, says how, and is found so by a new window', async () => {
  const workspace = temporaryFolder();
  const child = await startTraining(launch(workspace));
  const folder = path.join(workspace, '.graft', 'runs', 'r1');
  const watch = await RunWatch.open(folder);
  await follow(watch, () => watch.summary.epoch !== undefined);
  const { nonce } = watch.summary.info;
  const record = await findOwner(folder, nonce);
  assert.equal(record?.owner.pid, child.pid);
  const files = [record?.socket ?? '', (record?.socket ?? '').replace(/sock$/, 'json')];
  if (process.platform !== 'win32') assert.deepEqual(files.map(existsSync), [true, true]);
  // Whatever run.json says of the process, and though it hears nothing: its own record tells which one it is.
  const info = path.join(folder, 'run.json');
  writeFileSync(info, JSON.stringify({ ...watch.summary.info, pid: 2 ** 22 + 7 }));
  if (process.platform !== 'win32') signalChild(process.pid, child.pid ?? 0, 'SIGSTOP');
  assert.equal((await RunWatch.open(folder)).summary.status, 'running');
  assert.equal(await endProcess(folder, nonce, 'kill'), child.pid);
  const { code, signal } = await child.ended;
  await watch.processEnded(code, signal);
  assert.equal(watch.summary.status, 'interrupted');
  assert.match(watch.summary.problem?.message ?? '', /killed \(SIGKILL\)|ended with code/);
  // The list is read anew whenever the window gets the focus.
  await watch.reopen();
  assert.match(watch.summary.problem?.message ?? '', /killed \(SIGKILL\)|ended with code/);
  const later = await RunWatch.open(folder);
  assert.equal(later.summary.status, 'interrupted');
  assert.match(later.summary.problem?.message ?? '', /ended without saying why/);
  assert.equal(await endProcess(folder, nonce, 'kill'), undefined);
  // What it has left is cleared by the next run.
  await claimRun(temporaryFolder(), '0123456789abcdef');
  if (process.platform !== 'win32') assert.deepEqual(files.map(existsSync), [false, false]);
});

test('a process that does not start names the setting', async () => {
  const workspace = temporaryFolder();
  const options = launch(workspace, undefined, path.join(workspace, 'no-node'));
  await assert.rejects(startTraining(options), /could not start with .*no-node.*ENOENT/);
  const early = path.join(workspace, 'early.mjs');
  writeFileSync(early, "console.error('needs a newer Node'); process.exit(5);");
  await assert.rejects(startTraining(launch(workspace, early)), (error: Error & { action?: string }) => {
    assert.match(error.message, /It ended with code 5.*needs a newer Node/);
    assert.match(error.action ?? '', /graft\.nodePath/);
    return true;
  });
});

test('the sample is copied once; what the user changed stays', async () => {
  const workspace = temporaryFolder();
  await copySample(process.cwd(), workspace);
  assert.ok(existsSync(path.join(workspace, 'sample', 'garden', 'leaf', 'leaf-01.jpg')));
  writeFileSync(path.join(workspace, 'train-fine-tune.ts'), '// mine');
  await copySample(process.cwd(), workspace);
  const { readFileSync } = await import('node:fs');
  assert.equal(readFileSync(path.join(workspace, 'train-fine-tune.ts'), 'utf8'), '// mine');
});
