import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { before, test } from 'node:test';

import type { ModelEvaluation, Phase, RunEvent } from '../../src/protocol/index.js';
import type { Intervals } from '../../src/words/index.js';
import { canMount } from '../support/disk.js';
import { fixtures } from '../support/made-up.js';
import { signalChild } from '../support/processes.js';
import { events, graft, report, runFolders, runInfo, start, until } from '../support/cli.js';
import { patch, pictureFolder, temporaryFolder } from '../support/pictures.js';

const base = path.join(fixtures, 'tiny.h5');
/** Writes a script on that file, in which nothing says how it wants its pixels. */
const writeScript = (workspace: string) =>
  graft(
    workspace,
    ...['new', '--technique', 'feature-extraction', '--data', data, '--base', base, '--preprocessing', 'unit'],
  );
let data = '';

before(async () => {
  data = await pictureFolder(['blue', 'green', 'red'], 14);
});

/** A fine-tuning script on the tiny network: quick, and with every part of training in it. */
function script(
  workspace: string,
  options: { epochs?: number; headEpochs?: number; extra?: string; source?: string } = {},
): string {
  const { epochs = 3, headEpochs = 2, extra = '', source = data } = options;
  const file = path.join(workspace, 'train.ts');
  writeFileSync(
    file,
    `import { adamW, cosine, fit, freeze, imageFolder, loadBase, saveModel, tf, type FitOptions } from 'graftjs';
const data = await imageFolder(${JSON.stringify(source)}, { size: [16, 16], seed: 7, augment: { flip: true, rotation: 10, views: 2 } });
const base = await loadBase(${JSON.stringify(base)}, { preprocessing: 'tf' });
freeze(base, { upTo: 'relu' });
let x = tf.layers.globalAveragePooling2d({}).apply(base.outputs) as tf.SymbolicTensor;
x = tf.layers.dropout({ rate: 0.2 }).apply(x) as tf.SymbolicTensor;
x = tf.layers.dense({ units: data.classes.length, activation: 'softmax' }).apply(x) as tf.SymbolicTensor;
const model = tf.model({ inputs: base.inputs, outputs: x });
const options: FitOptions = { epochs: ${epochs}, headEpochs: ${headEpochs}, batchSize: 8, optimizer: adamW(), learningRate: cosine({ peak: 0.01 }), mixup: 0.2, labelSmoothing: 0.1, classWeight: 'balanced', globalClipnorm: 1 };
${extra}
const run = await fit(model, data, options);
await saveModel(run.best, 'models/tiny');
`,
  );
  return file;
}

const losses = (run: string) =>
  events(run).flatMap((event) => (event.type === 'epoch' ? [[event.train.loss, event.validation.loss]] : []));
const weights = (run: string) => readFileSync(path.join(run, 'model', 'weights.bin'));
/** The first weight of the run's model with such a name. */
function weight(run: string, name: RegExp): Float32Array {
  const text = readFileSync(path.join(run, 'model', 'model.json'), 'utf8');
  const { weightsManifest } = JSON.parse(text) as {
    weightsManifest: [{ weights: { name: string; shape: number[] }[] }];
  };
  let offset = 0;
  for (const { name: found, shape } of weightsManifest[0].weights) {
    const size = shape.reduce((product, n) => product * n, 1);
    if (name.test(found)) return new Float32Array(new Uint8Array(weights(run)).buffer, offset, size);
    offset += 4 * size;
  }
  throw new Error(`There is no weight ${name.source}.`);
}
const last = (run: string): RunEvent | undefined => events(run).at(-1);

test('new, train, report, evaluate, predict, export: the whole way, without a network', async () => {
  const workspace = temporaryFolder();
  const made = await writeScript(workspace);
  assert.equal(made.code, 0, made.error);
  const again = await writeScript(workspace);
  assert.equal(again.code, 1);
  assert.match(again.error, /is there already/);
  const trained = await graft(workspace, 'train', 'train-feature-extraction.ts');
  assert.equal(trained.code, 0, trained.error + trained.out);
  assert.match(trained.out, /true \\ predicted/);
  const [run = ''] = runFolders(workspace);
  const { metrics, confusion, status, timing } = report(run);
  assert.equal(status, 'done');
  assert.ok(metrics.accuracy > 0.8, `accuracy ${metrics.accuracy}`);
  assert.equal(
    confusion.flat().reduce((sum, count) => sum + count, 0),
    9,
  );
  assert.ok(timing.total > 0 && timing.prefix > 0);
  assert.deepEqual(
    events(run)
      .filter(({ type }) => type === 'phase')
      .map((event) => ('phase' in event ? event.phase : ''))
      .filter((phase, i) => i % 2 === 0),
    ['read', 'prefix', 'train', 'evaluate', 'save'],
  );

  const model = path.join('models', `${path.basename(data)}-tiny-features`);
  assert.ok(existsSync(path.join(workspace, model, 'graft.json')));
  const evaluated = await graft(workspace, 'evaluate', model, '--data', data, '--json');
  const all = JSON.parse(evaluated.out) as ModelEvaluation<'classification'> & { intervals?: Intervals };
  assert.ok(all.metrics.accuracy > 0.8);
  assert.ok(all.intervals !== undefined && all.intervals.accuracy.low < all.metrics.accuracy);
  // The folder that it was trained on: the validation pictures are apart, and their figures are those of the run.
  assert.deepEqual(all.seen, { trained: 33, validated: 9 });
  assert.deepEqual([all.measure?.on, all.measure?.images], ['validation', 9]);
  assert.equal(all.measure?.metrics.accuracy, metrics.accuracy);
  const said = (await graft(workspace, 'evaluate', model, '--data', data)).out;
  assert.match(
    said,
    /Of these 42 pictures, the model was trained on 33 and validated on 9\.\nThe 9 pictures that it was only validated on: accuracy .* % \(.*\), .*\n9 pictures: one more .*\nAll 42 pictures: accuracy /,
  );
  // To measure a model, one picture of one class will do.
  mkdirSync(path.join(workspace, 'few', 'red'), { recursive: true });
  cpSync(path.join(data, 'red', '0.png'), path.join(workspace, 'few', 'red', '0.png'));
  assert.match(
    (await graft(workspace, 'evaluate', model, '--data', 'few')).out,
    /macro F1 \S+ \(\S+\) over 1 of 3 classes/,
  );
  const few = await graft(workspace, 'evaluate', model, '--data', 'few', '--json');
  assert.equal(few.code, 0, few.error);
  assert.equal((JSON.parse(few.out) as { images: number }).images, 1);
  const predicted = await graft(
    workspace,
    'predict',
    model,
    path.join(data, 'red', '0.png'),
    path.join(data, 'nothing.png'),
    '--json',
  );
  assert.equal(predicted.code, 1, 'A file that cannot be read is no success.');
  const [first, second] = JSON.parse(predicted.out) as {
    classes?: { name: string; probability: number }[];
    error?: string;
  }[];
  assert.equal(first?.classes?.[0]?.name, 'red');
  assert.match(second?.error ?? '', /There is no file .*nothing\.png/);
  for (const to of ['onnx', 'tfjs']) {
    const exported = await graft(workspace, 'export', model, '--to', to, '--json');
    assert.equal(exported.code, 0, exported.error);
    const { file, largestDifference } = JSON.parse(exported.out) as { file: string; largestDifference: number };
    assert.ok(largestDifference < 1e-4);
    assert.ok(file.startsWith(`exports${path.sep}`) && existsSync(path.join(workspace, file)), file);
    const again = await graft(workspace, 'export', model, '--to', to);
    assert.equal(again.code, 1);
    assert.match(again.error, /is there already.*--force/s);
    assert.equal((await graft(workspace, 'export', model, '--to', to, '--force')).code, 0);
  }
  const html = await graft(workspace, 'report', 'latest', '--html', 'report.html');
  assert.equal(html.code, 0, html.error);
  const page = readFileSync(path.join(workspace, 'report.html'), 'utf8');
  assert.match(page, /Confusion matrix/);
  assert.doesNotMatch(page, /<script|https?:\/\//);
  assert.match((await graft(workspace, 'runs')).out, /done/);

  // A damaged model says so.
  truncateSync(path.join(workspace, model, 'weights.bin'), 50);
  assert.match((await graft(workspace, 'evaluate', model, '--data', data)).error, /hold 50 bytes/);
});

test('same seed twice: same losses and weights, bit for bit; the second run computes no activations', async () => {
  const workspace = temporaryFolder();
  script(workspace);
  for (const run of ['one', 'two'])
    assert.equal((await graft(workspace, 'train', 'train.ts', '--run-dir', run)).code, 0);
  const [one, two] = [path.join(workspace, 'one'), path.join(workspace, 'two')];
  assert.equal(losses(one).length, 5);
  assert.deepEqual(losses(two), losses(one));
  assert.deepEqual(weights(two), weights(one));
  assert.ok(events(one).some((event) => event.type === 'phase' && event.phase === 'prefix'));
  assert.ok(!events(two).some((event) => event.type === 'phase' && event.phase === 'prefix'));
  const stages = events(one).flatMap((event) => (event.type === 'stage' ? [[event.stage, event.learningRate]] : []));
  assert.deepEqual(stages, [
    ['head', 0.01],
    ['fine-tune', 0.001],
  ]);
  // What fine-tuning starts from was made on the way to what the head starts from.
  const cached = events(one).flatMap((event) => (event.type === 'stage' ? [[event.cached, event.images]] : []));
  const images = cached[0]?.[1];
  assert.deepEqual(cached, [
    [0, images],
    [images, images],
  ]);
  // The prefix is frozen: none of its numbers has moved.
  const model = events(one).find((event) => event.type === 'model');
  assert.equal(model?.type === 'model' ? model.frozenUpTo : '', 'relu');

  // A damaged cache is computed again, with the same result.
  const cache = path.join(workspace, '.graft', 'cache');
  const shards = readdirSync(cache, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.shard'));
  assert.ok(shards.length > 0);
  for (const name of shards) {
    const file = path.join(cache, name);
    const bytes = readFileSync(file);
    bytes.writeUInt8(bytes.readUInt8(bytes.length >> 1) ^ 0xff, bytes.length >> 1);
    writeFileSync(file, bytes);
  }
  assert.equal((await graft(workspace, 'train', 'train.ts', '--run-dir', 'three')).code, 0);
  assert.deepEqual(losses(path.join(workspace, 'three')), losses(one));
});

test('a --run-dir with other files in it is refused, and they stay', async () => {
  const workspace = temporaryFolder();
  writeFileSync(path.join(workspace, 'train.ts'), '');
  const folder = path.join(workspace, 'mine');
  mkdirSync(folder);
  writeFileSync(path.join(folder, 'room'), 'with a view');
  const { code, error } = await graft(workspace, 'train', 'train.ts', '--run-dir', 'mine');
  assert.equal(code, 1);
  assert.match(error, /mine holds other files already\. Give a new or an empty --run-dir\./);
  assert.equal(readFileSync(path.join(folder, 'room'), 'utf8'), 'with a view');
});

test('a --run-dir of a run that was killed as it began is taken again', async () => {
  const workspace = temporaryFolder();
  script(workspace, { epochs: 1, headEpochs: 1 });
  const folder = path.join(workspace, 'begun');
  mkdirSync(path.join(folder, 'checkpoints'), { recursive: true });
  for (const name of ['output.log', 'events.ndjson', 'run.json.4711.0123abcd.tmp'])
    writeFileSync(path.join(folder, name), '');
  writeFileSync(path.join(folder, 'reserve'), Buffer.alloc(16_384, 32));
  for (const name of ['room', 'room.4711.0123abcd.tmp']) writeFileSync(path.join(folder, name), Buffer.alloc(1_000));
  const { code, error } = await graft(workspace, 'train', 'train.ts', '--run-dir', 'begun');
  assert.equal(code, 0, error);
  assert.deepEqual(
    readdirSync(folder).filter((name) => /tmp$|^room|^reserve$/.test(name)),
    [],
  );
});

test('killed at any moment, then resumed: the same weights as without the interruption', async () => {
  const workspace = temporaryFolder();
  // Enough epochs that the kill arrives before the end, on a fast machine too.
  script(workspace, { epochs: 400, headEpochs: 30 });
  assert.equal((await graft(workspace, 'train', 'train.ts', '--run-dir', 'whole')).code, 0);
  const whole = path.join(workspace, 'whole');
  const run = path.join(workspace, 'killed');
  // Moments in terms of progress, so that a slow machine kills at the same places.
  const moments: ((all: RunEvent[]) => boolean)[] = [
    (all) => all.some(({ type }) => type === 'stage'),
    (all) => all.some((event) => event.type === 'epoch' && event.epoch === 6),
    (all) => all.some((event) => event.type === 'epoch' && event.stage === 'fine-tune' && event.epoch === 5),
  ];
  let killed: number | undefined;
  for (const [i, reached] of moments.entries()) {
    const { child, finished } =
      i === 0 ? start(workspace, 'train', 'train.ts', '--run-dir', 'killed') : start(workspace, 'resume', 'killed');
    // The process before may have gone beyond the next moment: then this one is killed as soon as it has said who it is.
    await until(() => existsSync(path.join(run, 'run.json')) && runInfo(run).pid !== killed && reached(events(run)));
    killed = runInfo(run).pid;
    signalChild(child.pid, killed, 'SIGKILL');
    const { code, error } = await finished;
    assert.equal(code, 1);
    assert.match(error, /was killed \(SIGKILL\)[^]*graft resume killed/);
    assert.match((await graft(workspace, 'report', 'killed')).error, /interrupted/);
  }
  assert.equal((await graft(workspace, 'resume', 'killed')).code, 0);
  assert.deepEqual(weights(run), weights(whole));
  assert.equal((await graft(workspace, 'resume', 'killed')).code, 1);
});

test('stop saves a checkpoint and ends with 130; resume goes on to the same weights', async () => {
  const workspace = temporaryFolder();
  // Enough epochs that the request arrives long before the end, on a fast machine too.
  script(workspace, { epochs: 400, headEpochs: 2 });
  assert.equal((await graft(workspace, 'train', 'train.ts', '--run-dir', 'whole')).code, 0);
  const run = path.join(workspace, 'stopped');
  const { child, finished } = start(workspace, 'train', 'train.ts', '--run-dir', 'stopped');
  await until(() => events(run).some((event) => event.type === 'epoch' && event.stage === 'fine-tune'));
  child.kill('SIGINT');
  const { code, error } = await finished;
  assert.equal(code, 130);
  assert.match(error, /checkpoint is saved/);
  assert.equal(last(run)?.type, 'stopped');
  assert.ok(
    events(run).some((event) => event.type === 'phase' && event.phase === 'train' && event.state === 'stopped'),
  );
  assert.equal((await graft(workspace, 'resume', 'stopped')).code, 0);
  assert.deepEqual(weights(run), weights(path.join(workspace, 'whole')));

  // Another script is another training: its checkpoint is not continued.
  const second = start(workspace, 'train', 'train.ts', '--run-dir', 'changed');
  await until(() => events(path.join(workspace, 'changed')).some((event) => event.type === 'epoch'));
  const stopped = await graft(workspace, 'stop', 'changed');
  assert.equal(stopped.code, 0, stopped.error);
  assert.equal((await second.finished).code, 130);
  script(workspace, { epochs: 401, headEpochs: 2 });
  assert.match((await graft(workspace, 'resume', 'changed')).error, /have changed since the checkpoint/);
});

test(
  'a run that does not answer is ended at the third Ctrl-C; it says so, and resumes',
  { skip: process.platform === 'win32' ? 'Windows knows no SIGSTOP' : false },
  async () => {
    const workspace = temporaryFolder();
    script(workspace, { epochs: 400, headEpochs: 2 });
    const run = path.join(workspace, 'silent');
    const { child, finished } = start(workspace, 'train', 'train.ts', '--run-dir', 'silent');
    await until(() => events(run).some((event) => event.type === 'checkpoint'));
    // It neither hears its socket nor SIGTERM.
    signalChild(child.pid, runInfo(run).pid, 'SIGSTOP');
    for (let i = 0; i < 3; i++) {
      child.kill('SIGINT');
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    const { code, error } = await finished;
    assert.equal(code, 130);
    assert.match(error, /did not answer, so its process was ended\. Continue .* graft resume silent/);
    const end = last(run);
    assert.ok(end?.type === 'stopped' && end.ended === true, JSON.stringify(end));
    assert.equal((await graft(workspace, 'resume', 'silent')).code, 0);
  },
);

test('a damaged checkpoint is not taken: the one before it is, and says so; where that is damaged too, nothing begins anew by itself', async () => {
  const workspace = temporaryFolder();
  script(workspace, { epochs: 200, headEpochs: 2 });
  assert.equal((await graft(workspace, 'train', 'train.ts', '--run-dir', 'whole')).code, 0);
  const run = path.join(workspace, 'stopped');
  const { child, finished } = start(workspace, 'train', 'train.ts', '--run-dir', 'stopped');
  await until(() => events(run).some((event) => event.type === 'epoch' && event.stage === 'fine-tune'));
  child.kill('SIGINT');
  assert.equal((await finished).code, 130);
  const files = ['training-1.safetensors', 'training-1.previous.safetensors'].map((name) =>
    path.join(run, 'checkpoints', name),
  );
  const previous = readFileSync(files[1] ?? '');
  for (const file of files) {
    const bytes = readFileSync(file);
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 9) ^ 1, bytes.length - 9);
    writeFileSync(file, bytes);
  }
  const refused = await graft(workspace, 'resume', 'stopped');
  assert.equal(refused.code, 1);
  assert.match(
    refused.error,
    /^There is no whole checkpoint to go on from: .*training-1\.safetensors is not whole: its content does not match its checksum\. To train from the beginning, delete .*checkpoints, then resume again\. \(train\.ts, line 11\)$/m,
  );
  writeFileSync(files[1] ?? '', previous);
  const resumed = await graft(workspace, 'resume', 'stopped');
  assert.equal(resumed.code, 0, resumed.error);
  assert.match(
    resumed.out,
    /^Note: .* does not match its checksum\. Training goes on from the checkpoint before it\.$/m,
  );
  assert.deepEqual(weights(run), weights(path.join(workspace, 'whole')));
});

test('a checkpoint names the stage that it belongs to', async () => {
  const workspace = temporaryFolder();
  for (const [headEpochs, extra, stages] of [
    [1, '', ['head', 'fine-tune']],
    [0, '', ['fine-tune']],
    [1, 'freeze(base);', ['head']],
  ] as const) {
    const name = stages.join('+');
    script(workspace, { epochs: 1, headEpochs, extra });
    assert.equal((await graft(workspace, 'train', 'train.ts', '--run-dir', name)).code, 0);
    const seen = events(path.join(workspace, name)).flatMap((event) =>
      event.type === 'checkpoint' ? [event.stage] : [],
    );
    assert.deepEqual([...new Set(seen)].sort(), [...stages].slice(-1), name);
  }
});

test('training leaves no tensors behind: as many after many epochs as after one', async () => {
  const workspace = temporaryFolder();
  const extra = `const tensors = async (epochs: number) => {
  await fit(model, data, { ...options, epochs, headEpochs: epochs });
  return tf.memory().numTensors;
};
await tensors(1);
const [one, many] = [await tensors(1), await tensors(6)];
if (one !== many) throw new Error(\`\${one} tensors after one epoch, \${many} after six\`);`;
  script(workspace, { epochs: 1, headEpochs: 1, extra });
  for (const engine of ['onnxruntime', 'wasm']) {
    const { code, error } = await graft(workspace, 'train', 'train.ts', '--run-dir', engine, '--engine', engine);
    assert.equal(code, 0, error);
  }
});

test('a picture that cannot be decoded is left out and reported', async () => {
  const workspace = temporaryFolder();
  const folder = await pictureFolder(['blue', 'red'], 8);
  const file = path.join(folder, 'red', 'cut.jpg');
  await patch('#c03020', 77, 200).jpeg().toFile(file);
  truncateSync(file, 2500);
  script(workspace, { epochs: 1, headEpochs: 1, source: folder });
  assert.equal((await graft(workspace, 'train', 'train.ts', '--run-dir', 'run')).code, 0);
  const run = path.join(workspace, 'run');
  assert.match(
    report(run)
      .skipped.map(({ file: name, reason }) => `${name} ${reason}`)
      .join(),
    /red\/cut\.jpg.*is cut off/,
  );
  assert.ok(events(run).some((event) => event.type === 'warning' && event.message.includes('cut.jpg')));
});

const failures: { name: string; extra: string; expected: RegExp; phase?: Phase }[] = [
  {
    name: 'a loss that is not finite',
    extra: 'Object.assign(options, { learningRate: 1e30, globalClipnorm: undefined });',
    expected: /loss became (NaN|Infinity).*Lower learningRate/,
    phase: 'train',
  },
  { name: 'a wrong option', extra: 'Object.assign(options, { epochs: 0 });', expected: /epochs is 0/ },
  {
    name: 'a wrong layer name',
    extra: "freeze(base, { upTo: 'reluu' });",
    expected: /no layer "reluu".*Did you mean "relu"/,
  },
  { name: 'nothing to train', extra: 'freeze(model);', expected: /nothing to train/ },
  {
    name: 'a broken dataset',
    extra: "await imageFolder('nowhere', { size: [16, 16] });",
    expected: /no folder nowhere/,
    phase: 'read',
  },
  { name: 'an error of the script itself', extra: "throw new TypeError('my mistake');", expected: /my mistake/ },
];
test('what goes wrong is said in one line, with exit code 1', async () => {
  const workspace = temporaryFolder();
  for (const [i, { name, extra, expected, phase }] of failures.entries()) {
    script(workspace, { epochs: 1, extra });
    const run = path.join(workspace, `run${i}`);
    const { code, out, error } = await graft(workspace, 'train', 'train.ts', '--run-dir', run);
    assert.equal(code, 1, name);
    assert.match(error, expected, name);
    assert.equal(last(run)?.type, 'failed', name);
    const failed = events(run).flatMap((event) =>
      event.type === 'phase' && event.state === 'failed' ? [event.phase] : [],
    );
    assert.deepEqual(failed, phase === undefined ? [] : [phase], name);
    assert.equal(/✕ .* failed\./.test(out), phase !== undefined, out);
  }
  assert.equal((await graft(workspace, 'train')).code, 2);
  assert.equal((await graft(workspace, 'tarin')).code, 2);
  const missing = await graft(workspace, 'train', 'trian.ts');
  assert.equal(missing.code, 1);
  assert.match(missing.error, /Did you mean train\.ts/);
  assert.match((await graft(workspace, 'resume', 'nothing')).error, /There is no run "nothing"/);
});

test('wrong input is answered in a sentence that says what to do next, and leaves nothing behind', async () => {
  const workspace = temporaryFolder();
  for (const folder of ['empty', 'other/a', 'other/b', 'scripts.ts'])
    mkdirSync(path.join(workspace, folder), { recursive: true });
  const pictures = await pictureFolder(['only'], 2);
  const files = {
    'note.txt': 'hello',
    'other/a/x.txt': '',
    'none.csv': 'path,label\n',
    'one.csv': `path,label\n${path.join(pictures, 'only/1.png')},only\n`,
    'lost.csv': 'path,label\nnowhere/1.png,a\nnowhere/2.png,b\n',
    'wrong.ts': "import { fit } from 'graftjs';\nconst x = ;\n",
    'wrong.js': 'export default {\n',
    'imports.ts': "import './wrong.js';\n",
    'twice.ts': "import 'graftjs';\nconst x = 1;\nconst x = 2;\n",
    'slip.ts': "// A slip of the pen.\nimport { fitt } from 'graftjs';\nfitt();\n",
    'lacks.ts': "import { y } from './idle.ts';\nconsole.log(y);\n",
    'throws.ts': "import 'graftjs';\n\nconsole.log(nothing);\n",
    'idle.ts': "console.log('hello');\n",
    'late.ts': `import { imageFolder } from 'graftjs';
void (async () => {
  await new Promise((resolve) => setTimeout(resolve, 50));
  await imageFolder(${JSON.stringify(data)}, { size: [16, 16] });
})();
`,
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(workspace, name), text);
  const make = (source: string, ...more: string[]) => ['new', '--technique', 'fine-tune', '--data', source, ...more];
  const cases: [words: string[], answer: RegExp][] = [
    [make('empty'), /no pictures in .*empty: there is no file in it\. Put the pictures into one folder per class/],
    [make('other'), /no pictures in .*other: its only file, a\/x\.txt, is none\. Put the pictures/],
    [make(pictures), /has only one class: only\. .*Put the pictures into one folder per class/],
    [make(path.join(pictures, 'only')), /holds 2 pictures, but no folders that say what they show\. Put/],
    [make('none.csv'), /none\.csv lists no pictures\. Add a line/],
    [make('one.csv'), /one\.csv has only one class: only\./],
    [make('lost.csv'), /None of the 2 pictures of .*lost\.csv is there: the first, nowhere\/1\.png, was looked for as/],
    [make('one.csv', '--label-column', 'lable'), /one\.csv has no column lable .*Did you mean label\?/],
    [make('one.csv', '--test', '2'), /--test is 2\. It is a fraction between 0 and 1/],
    [make('emty'), /There is no folder .*emty\. Did you mean .*empty\?/],
    [make('note.txt'), /note\.txt is a file, not a folder\. Give the folder/],
    [make(data, '--base', 'spaling'), /"spaling" is neither a base .*\. Did you mean sapling\?/],
    [make(data, '--base', 'empty'), /empty is a folder without a model\.json\. Give/],
    [make(data, '--base', 'note.txt'), /note\.txt is not a model that can be read\. Give/],
    [make(data, '--out', 'wrong.ts'), /wrong\.ts is there already\. Choose another name/],
    [make(data, '--out', 'empty'), /empty is a folder, .*--out empty\/train\.ts/],
    [make(data, '--out', 'new.txt'), /new\.txt is not a name for a script.*--out new\.ts/],
    [['train', 'note.txt'], /note\.txt is not a script.*Give a file that ends in \.ts or \.js/],
    [['train', 'scripts.ts'], /scripts\.ts is a folder, not a script\. Name a script in it/],
    [['train', 'wrong.ts'], /wrong\.ts is no valid script: line 2, column 11: Unexpected token\. Correct it/],
    [['train', 'wrong.js'], /wrong\.js is no valid script: line 2, column 1: .*\. Correct it/],
    [['train', 'imports.ts'], /^wrong\.js is no valid script: line 2, column 1: .*\. Correct it/],
    [['train', 'twice.ts'], /^twice\.ts, or a file that it imports, is no valid script: .*'x'.*\. Correct it/],
    [['train', 'slip.ts'], /^slip\.ts, line 2: graftjs has no export "fitt"\. Did you mean "fit"\?/],
    [['train', 'lacks.ts'], /^lacks\.ts, line 1: \.\/idle\.ts has no export "y"\. Correct the import/],
    [['train', 'throws.ts'], /^throws\.ts, line 3: nothing is not defined\. Correct the script/],
    [['train', 'idle.ts'], /idle\.ts ran to its end and trained nothing.*\. Call fit\(…\) in it/],
  ];
  for (const [words, answer] of cases) {
    const { code, error } = await graft(workspace, ...words);
    assert.equal(code, 1, words.join(' '));
    assert.match(error, answer);
    assert.doesNotMatch(error, /^ +at |ENOENT|EISDIR/m);
    assert.equal(
      error
        .replace(/^Details: .*\n/m, '')
        .trimEnd()
        .split('\n').length,
      1,
      error,
    );
  }
  assert.ok(!existsSync(path.join(workspace, 'train-fine-tune.ts')));
  // A script that does not wait for its own work is not cut off.
  const late = await graft(workspace, 'train', 'late.ts', '--run-dir', 'late');
  assert.deepEqual([late.code, late.out], [0, 'Data: 42 pictures in 3 classes.\n']);
});

test(
  'a full disk is named, what was there stays whole, and with more space the run goes on',
  { skip: canMount() ? false : 'needs the right to mount a small tmpfs' },
  async () => {
    const workspace = temporaryFolder();
    mkdirSync(path.join(workspace, '.graft'));
    script(workspace, { epochs: 60, headEpochs: 1 });
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=120k', 'tmpfs', path.join(workspace, '.graft')]);
    try {
      const { code, error } = await graft(workspace, 'train', 'train.ts');
      assert.equal(code, 1);
      assert.match(error, /disk is full.*Free some space/);
      const [run = ''] = runFolders(workspace);
      assert.equal(last(run)?.type, 'failed');
      execFileSync('mount', ['-o', 'remount,size=8m', path.join(workspace, '.graft')]);
      const resumed = await graft(workspace, 'resume', 'latest');
      assert.equal(resumed.code, 0, resumed.error);
    } finally {
      execFileSync('umount', [path.join(workspace, '.graft')]);
    }
  },
);

test('prove: the same once more from random weights, everything trainable, nothing saved', async () => {
  const workspace = temporaryFolder();
  const file = script(workspace, { epochs: 2, headEpochs: 1 });
  const proven = await graft(workspace, 'prove', file, '--json');
  assert.equal(proven.code, 0, proven.error);
  const result = JSON.parse(proven.out) as { verdict: string; text: string; paired: boolean };
  assert.match(result.text, /validation pictures/);
  assert.equal(result.paired, true);
  const [trained = '', scratch = ''] = runFolders(workspace);
  assert.deepEqual([runInfo(trained).purpose, runInfo(scratch).purpose], ['train', 'from-scratch']);
  const [a, b] = [report(trained), report(scratch)];
  assert.equal(a.hashes.data, b.hashes.data);
  assert.equal(b.hashes.base, '');
  assert.deepEqual(
    b.history.map(({ stage }) => stage),
    ['head', 'head'],
    'One stage: there is nothing that a new head could wreck.',
  );
  const model = events(scratch).find((event) => event.type === 'model');
  assert.ok(model?.type === 'model' && model.frozenUpTo === undefined);
  assert.equal(existsSync(path.join(workspace, 'models')), false, 'What is there to be compared saves no model.');
  assert.notDeepEqual(weights(scratch), weights(trained));
  // They begin at 0: in inference mode, in which nothing would be learnt from random weights, they stay there.
  assert.ok(weight(scratch, /moving_mean$/).some((value) => value !== 0));
  assert.equal(events(scratch).filter(({ type }) => type === 'saved').length, 0);
});

test('prove: a script that fails says why, and proves nothing', async () => {
  const workspace = temporaryFolder();
  const proven = await graft(
    workspace,
    'prove',
    script(workspace, { source: path.join(workspace, 'nowhere') }),
    '--json',
  );
  assert.equal(proven.code, 1);
  assert.match(proven.error, /nowhere/);
  assert.equal(proven.out, '');
  assert.equal(runFolders(workspace).length, 1);
});

test('prove: a script without a pre-trained base is told that there is nothing to prove', async () => {
  const workspace = temporaryFolder();
  const file = path.join(workspace, 'train.ts');
  writeFileSync(
    file,
    `import { fit, imageFolder, tf } from 'graftjs';
const data = await imageFolder(${JSON.stringify(data)}, { size: [16, 16], seed: 7 });
const layers = [tf.layers.flatten({ inputShape: [16, 16, 3] }), tf.layers.dense({ units: 3, activation: 'softmax' })];
await fit(tf.sequential({ layers }), data, { epochs: 1 });
`,
  );
  const { code, out, error } = await graft(workspace, 'prove', file);
  assert.equal(code, 1);
  assert.match(error, /no pre-trained base, so there is nothing that could have helped\. Build its model on one/);
  assert.doesNotMatch(out, /with the pre-trained weights,/);
});

test('find-learning-rate: suggests one, and the script ends there', async () => {
  const workspace = temporaryFolder();
  const file = script(workspace, { extra: "console.log('before fit');" });
  writeFileSync(file, `${readFileSync(file, 'utf8')}console.log('after fit');\n`);
  const found = await graft(workspace, 'find-learning-rate', file, '--json');
  assert.equal(found.code, 0, found.error);
  const { suggestion, rates, losses, smoothed } = JSON.parse(found.out) as Record<string, number[]> & {
    suggestion: number;
  };
  assert.ok(suggestion > 1e-4 && suggestion < 1, String(suggestion));
  assert.ok((rates?.length ?? 0) > 30 && rates?.length === losses?.length && rates?.length === smoothed?.length);
  const [run = ''] = runFolders(workspace);
  assert.equal(last(run)?.type, 'done');
  const printed = readFileSync(path.join(run, 'output.log'), 'utf8');
  assert.ok(printed.includes('before fit') && !printed.includes('after fit'));
  assert.equal(existsSync(path.join(workspace, 'models')), false);
  assert.deepEqual([existsSync(path.join(run, 'report.json')), existsSync(path.join(run, 'model'))], [false, false]);
  // For people: what to write.
  const shown = await graft(workspace, 'find-learning-rate', file);
  assert.match(shown.out, /learning rate\s+loss\s+smoothed[^]*Train with learningRate: [\d.]+e-\d, or as the peak/);
});

test('find-learning-rate: a script without one says so', async () => {
  const workspace = temporaryFolder();
  await writeScript(workspace);
  const { code, error } = await graft(workspace, 'find-learning-rate', 'train-feature-extraction.ts');
  assert.equal(code, 1);
  assert.match(error, /has no learning rate.*Use fit\(…\)/);
});
