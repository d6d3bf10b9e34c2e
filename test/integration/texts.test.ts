/** The whole way of texts on the command line, with the base that comes with Graft. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import type { ModelEvaluation, Prediction } from '../../src/protocol/index.js';
import { events, graft, report, runFolders, runInfo, start, until } from '../support/cli.js';
import { temporaryFolder } from '../support/pictures.js';
import { letters } from '../support/texts.js';

/** A workspace with `letters.csv`. */
function workspaceOf(count = 90): string {
  const workspace = temporaryFolder();
  const lines = letters(count).map(({ label, text }) => `"${text}",${label}`);
  writeFileSync(path.join(workspace, 'letters.csv'), ['text,label', ...lines].join('\n'));
  return workspace;
}

const weights = (run: string) => readFileSync(path.join(run, 'model', 'weights.bin'));

test('new, train, report, evaluate, predict, export', async () => {
  const workspace = workspaceOf();
  const made = await graft(workspace, 'new', '--technique', 'feature-extraction', '--data', 'letters.csv');
  assert.equal(made.code, 0, made.error);
  assert.match(
    readFileSync(path.join(workspace, 'train-feature-extraction.ts'), 'utf8'),
    /await applications\.leaflet\(\)/,
  );
  const trained = await graft(workspace, 'train', 'train-feature-extraction.ts');
  assert.equal(trained.code, 0, trained.error);
  assert.match(trained.out, /Data: 90 texts in 3 classes/);
  assert.match(trained.out, /on 18 texts, in/);
  assert.doesNotMatch(trained.out + trained.error, /picture|pixels/);
  const [run = ''] = runFolders(workspace);
  const data = events(run).find((event) => event.type === 'data');
  assert.ok(data?.type === 'data' && data.kind === 'text');
  assert.ok(report(run).metrics.accuracy > 0.8);

  const model = path.join('models', 'letters-leaflet-features');
  assert.ok(existsSync(path.join(workspace, model, 'tokenizer.json')));
  const evaluated = await graft(workspace, 'evaluate', model, '--data', 'letters.csv', '--json');
  const all = JSON.parse(evaluated.out) as ModelEvaluation<'classification'>;
  assert.deepEqual(all.seen, { trained: 72, validated: 18 });
  assert.equal(all.measure?.metrics.accuracy, report(run).metrics.accuracy);
  const said = (await graft(workspace, 'evaluate', model, '--data', 'letters.csv')).out;
  assert.match(said, /Of these 90 texts, the model was trained on 72 and validated on 18/);

  const typed = await graft(workspace, 'predict', model, '--text', 'thank lovely happy roses', '--json');
  const [first] = JSON.parse(typed.out) as Prediction[];
  assert.equal(first?.classes?.[0]?.name, 'thanks', typed.error);
  writeFileSync(path.join(workspace, 'new.tsv'), 'id\tmessage\n7\twhen and how\n8\t\n');
  const table = await graft(
    workspace,
    'predict',
    model,
    '--data',
    'new.tsv',
    '--column',
    'message',
    '--csv',
    'out.csv',
  );
  assert.equal(table.code, 1, 'An empty text is no success.');
  assert.match(table.error, /new\.tsv#3 is empty/);
  assert.match(
    readFileSync(path.join(workspace, 'out.csv'), 'utf8'),
    /^file,text,class,.*\r\nnew\.tsv#2,when and how,question,/,
  );
  const wrong = await graft(workspace, 'predict', model, '--data', 'new.tsv', '--column', 'mesage');
  assert.match(wrong.error, /has no column "mesage": it has id, message\. Did you mean --column message\?/);
  assert.match((await graft(workspace, 'predict', model, 'new.tsv')).error, /is a table, not a text\. .*--data/);
  assert.equal((await graft(workspace, 'predict', model)).code, 2);

  assert.equal((await graft(workspace, 'export', model, '--to', 'onnx')).code, 0);
  assert.match((await graft(workspace, 'export', model, '--to', 'tfjs')).error, /takes tokens/);
  assert.equal((await graft(workspace, 'report', 'latest', '--html', 'report.html')).code, 0);
  assert.doesNotMatch(readFileSync(path.join(workspace, 'report.html'), 'utf8'), /pictures|<script|https?:\/\//);
});

test('killed at any moment, then resumed: the same weights as without the interruption', async () => {
  const workspace = workspaceOf();
  writeFileSync(
    path.join(workspace, 'train.ts'),
    `import { applications, fit, freeze, textTable, tf } from 'graftjs';
const data = await textTable('letters.csv', { seed: 7 });
const base = await applications.leaflet();
freeze(base);
let x = tf.layers.dense({ units: 16, activation: 'relu' }).apply(base.outputs) as tf.SymbolicTensor;
x = tf.layers.dropout({ rate: 0.3 }).apply(x) as tf.SymbolicTensor;
x = tf.layers.dense({ units: data.classes.length, activation: 'softmax' }).apply(x) as tf.SymbolicTensor;
await fit(tf.model({ inputs: base.inputs, outputs: x }), data, { epochs: 600, batchSize: 8, learningRate: 0.01 });
`,
  );
  const done = await graft(workspace, 'train', 'train.ts', '--run-dir', 'whole');
  assert.equal(done.code, 0, done.error);
  const run = path.join(workspace, 'killed');
  const { child, finished } = start(workspace, 'train', 'train.ts', '--run-dir', 'killed');
  await until(() => events(run).some((event) => event.type === 'epoch' && event.epoch === 30));
  process.kill(runInfo(run).pid, 'SIGKILL');
  assert.equal((await finished).code, 1);
  assert.equal(child.exitCode, 1);
  const resumed = await graft(workspace, 'resume', 'killed');
  assert.equal(resumed.code, 0, resumed.error);
  assert.deepEqual(weights(run), weights(path.join(workspace, 'whole')));
});

test('prove and find-learning-rate work on texts, and are told in their words', async () => {
  const workspace = workspaceOf();
  const made = await graft(workspace, 'new', '--technique', 'fine-tune', '--data', 'letters.csv');
  assert.equal(made.code, 0, made.error);
  const proven = await graft(workspace, 'prove', 'train-fine-tune.ts', '--json');
  assert.equal(proven.code, 0, proven.error);
  assert.match((JSON.parse(proven.out) as { text: string }).text, /validation texts/);
  const found = await graft(workspace, 'find-learning-rate', 'train-fine-tune.ts', '--json');
  assert.ok((JSON.parse(found.out) as { suggestion: number }).suggestion > 1e-4, found.error);
});

const wrong: readonly [what: string, words: readonly string[], said: RegExp][] = [
  [
    'a base of pictures',
    ['--data', 'letters.csv', '--base', 'sapling'],
    /sapling is a base for pictures, and letters\.csv holds texts\. Take a base for texts: --base leaflet/,
  ],
  [
    'pictures for leaflet',
    ['--data', path.resolve('sample/garden'), '--base', 'leaflet'],
    /leaflet is a base for texts, and .*garden holds pictures\. Take a base for pictures: --base sapling/,
  ],
  [
    'a size',
    ['--data', 'letters.csv', '--size', '128'],
    /leaflet takes texts, and --size is about pictures\. Leave it out/,
  ],
  ['one label', ['--data', 'one.csv'], /one\.csv/],
  ['no such file', ['--data', 'leters.csv'], /letters\.csv/],
];

for (const [what, words, said] of wrong) {
  test(`wrong input is answered in a sentence: ${what}`, async () => {
    const workspace = workspaceOf();
    writeFileSync(
      path.join(workspace, 'one.csv'),
      'text,label\nWhere is my order now?,a\nThank you for the roses.,a\n',
    );
    const { code, error } = await graft(workspace, 'new', '--technique', 'feature-extraction', ...words);
    assert.equal(code, 1);
    assert.match(error, said);
    assert.ok(error.trim().split('\n').length === 1, error);
    assert.ok(!existsSync(path.join(workspace, 'train-feature-extraction.ts')));
  });
}

test('a folder of texts is read as one', async () => {
  const workspace = temporaryFolder();
  letters(30).forEach(({ label, text }, i) => {
    mkdirSync(path.join(workspace, 'mail', label), { recursive: true });
    writeFileSync(path.join(workspace, 'mail', label, `${i}.txt`), text);
  });
  const made = await graft(workspace, 'new', '--technique', 'feature-extraction', '--data', 'mail');
  assert.equal(made.code, 0, made.error);
  const text = readFileSync(path.join(workspace, 'train-feature-extraction.ts'), 'utf8');
  assert.match(text, /await textFolder\('mail', \{ validation: 0\.2, seed: 7 \}\)/);
});

test('both techniques on the letters that come with Graft', async () => {
  const workspace = temporaryFolder();
  const { code, out, error } = await graft(workspace, 'quickstart', '--data', path.resolve('sample/letters.csv'));
  assert.equal(code, 0, error);
  assert.match(out, /Data: 280 texts in 4 classes/);
  for (const run of runFolders(workspace)) assert.ok(report(run).metrics.accuracy > 0.6, run);
});
