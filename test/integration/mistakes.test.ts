/** Everyday mistakes in scripts and on the command line: what is read on the terminal, in the run's log and on disk. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { before, test } from 'node:test';

import { cli, events, graft, report, runFolders, runInfo } from '../support/cli.js';
import { fixtures } from '../support/made-up.js';
import { pictureFolder, temporaryFolder } from '../support/pictures.js';

const base = JSON.stringify(path.join(fixtures, 'tiny.h5'));
const head = `import { applications, extractFeatures, fit, freeze, imageFolder, loadBase, logisticRegression, saveModel, tf } from 'graftjs';\n`;
const read = (folder = 'pictures') => `const data = await imageFolder('${folder}', { size: [16, 16] });\n`;
const solve = `const features = await extractFeatures(await loadBase(${base}, { preprocessing: 'tf' }), data);
const model = await logisticRegression(features, { l2: 0.1 });\n`;
const whole = `${head}${read()}${solve}`;
const steps = `${head}${read()}const base = await loadBase(${base}, { preprocessing: 'tf' });
freeze(base);
const x = tf.layers.dense({ units: 2, activation: 'softmax' }).apply(tf.layers.globalAveragePooling2d({}).apply(base.outputs));
const run = await fit(tf.model({ inputs: base.inputs, outputs: x }), data, { epochs: 3, batchSize: 4, learningRate: 0.01 });\n`;

let workspace = '';

before(async () => {
  workspace = temporaryFolder();
  await pictureFolder(['a', 'b'], 12, path.join(workspace, 'pictures'));
});

function write(name: string, text: string): string {
  const file = path.join(workspace, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
  return name;
}

const newest = () => runFolders(workspace).at(-1) ?? '';

test('a script that is wrong: one line with the cause, the place and the remedy', async () => {
  const cases: readonly (readonly [string, string, RegExp])[] = [
    [
      'option.ts',
      whole.replace('l2:', 'L2:'),
      /^logisticRegression has no option "L2"\. Did you mean "l2"\? \(option\.ts, line 4\)\n/,
    ],
    [
      'await.ts',
      `${head}const data = imageFolder('pictures', { size: [16, 16] });\nconsole.log(data.classes.length);\n`,
      /^await\.ts, line 2: imageFolder\(…\) was not awaited, so data is a promise\. Write: const data = await imageFolder\(…\)\n/,
    ],
    [
      'run.ts',
      `${steps.replace('await fit', 'fit')}await saveModel(run.best, 'models/run');\n`,
      /^run\.ts, line 6: fit\(…\) was not awaited, so run is a promise\. Write: const run = await fit\(…\)\n/,
    ],
    [
      'best.ts',
      `${steps.replace('const run = await fit', 'const { best } = fit')}await saveModel(best, 'models/run');\n`,
      /^best\.ts, line 6: fit\(…\) was not awaited, and a promise has no best\. Write: const \{ best \} = await fit\(…\)\n/,
    ],
    [
      'import.ts',
      `import {\n  adamw, imagefolder, tf,\n} from 'graftjs';\nasync function main() {\n  return adamW({}), await tf.ready();\n}\nvoid main();\n`,
      /^import\.ts, line 5: adamW is not imported: line 2 imports "adamw", and graftjs has no such export\. Write adamW there\.\n/,
    ],
    [
      'forgotten.ts',
      `import { tf } from 'graftjs';\nawait tf.ready();\nadamW({});\n`,
      /^forgotten\.ts, line 3: adamW is not imported\. Write: import \{ …, adamW \} from 'graftjs'\n/,
    ],
    [
      'base.ts',
      `import { applications } from 'graftjs';\nawait applications.saplin();\n`,
      /^base\.ts, line 2: there is no applications\.saplin\. Did you mean applications\.sapling\?\n/,
    ],
    [
      'package.ts',
      `// Somebody's.\nimport { fit } from 'graft';\nfit();\n`,
      /^package\.ts, line 2: there is no package "graft" here\. Did you mean 'graftjs'\?\n/,
    ],
    [
      'tfjs.ts',
      `import * as tf from '@tensorflow/tfjs';\ntf.ready();\n`,
      /^tfjs\.ts, line 1: .*\. It comes with graftjs: import \{ tf \} from 'graftjs'\n/,
    ],
    [
      'helper.ts',
      `import { x } from './tfj.js';\nx();\n`,
      /^helper\.ts, line 1: there is no \S+tfj\.js\. Did you mean \S+tfjs\.ts\?\n/,
    ],
    [
      'layer.ts',
      steps.replace('freeze(base)', "freeze(base, { upTo: 'conv9_nope' })"),
      /^freeze: .* has no layer "conv9_nope"\. .*\(layer\.ts, line 4\)\n/,
    ],
    [
      'path.ts',
      `${whole}await saveModel(model);\n`,
      /^saveModel: there is no path\. Say where the model goes: saveModel\(run\.best, 'models\/flowers'\) \(path\.ts, line 5\)\n/,
    ],
    [
      'file.ts',
      `${whole}await saveModel(model, 'file.ts/model');\n`,
      /^\S+file\.ts\/model cannot be made: \S+file\.ts is a file\. Choose another folder\. The trained model is in \S+\/model/,
    ],
    [
      'data.ts',
      `${whole}await saveModel(model, 'pictures');\n`,
      /^\S+pictures is no place for a model: it holds a, b\. Save into a folder of its own/,
    ],
  ];
  for (const [name, text, expected] of cases) {
    const { code, error } = await graft(workspace, 'train', write(name, text));
    assert.equal(code, 1, error);
    assert.match(error, expected);
    // Two may have begun in one second.
    const run = runFolders(workspace).findLast((folder) => path.basename(runInfo(folder).script) === name) ?? '';
    const failed = events(run).find(({ type }) => type === 'failed');
    assert.ok(failed?.type === 'failed' && failed.place?.file === path.join(workspace, name), JSON.stringify(failed));
  }
  assert.ok(existsSync(path.join(workspace, 'pictures/a')));
});

test('another script’s model is not replaced without a word; its own is, and that is said', async () => {
  const save = `await saveModel(model, 'models/one');\n`;
  const first = await graft(workspace, 'train', write('first.ts', `${whole}${save}`));
  assert.match(first.out, /Saved \S+models\/one\n/);
  const made = path.basename(newest());
  writeFileSync(path.join(workspace, 'models/one/notes.txt'), 'mine');
  const again = await graft(workspace, 'train', 'first.ts');
  assert.match(again.out, new RegExp(`Saved \\S+models/one, in the place of the model of run ${made}\\.`));
  assert.equal(readFileSync(path.join(workspace, 'models/one/notes.txt'), 'utf8'), 'mine');
  const before = readFileSync(path.join(workspace, 'models/one/graft.json'), 'utf8');
  const other = await graft(workspace, 'train', write('second.ts', `${whole}${save}`));
  assert.equal(other.code, 1);
  assert.match(
    other.error,
    /models\/one holds the model of another script, first\.ts \(run \S+\)\. Save to another folder, or .*\{ overwrite: true \}\)\. The trained model is in/,
  );
  assert.equal(readFileSync(path.join(workspace, 'models/one/graft.json'), 'utf8'), before);
  const meant = save.replace("'models/one'", "'models/one', { overwrite: true }");
  assert.equal((await graft(workspace, 'train', write('second.ts', `${whole}${meant}`))).code, 0);
  // A slip in a model's name, and pictures that are none.
  write('broken.jpg', 'no picture');
  write('one.jpg', 'no picture');
  for (const [words, expected] of [
    [['predict', 'modls/one', 'broken.jpg'], /^There is no model modls\/one\. Did you mean models\/one\?\n/],
    [['predict', 'models', 'broken.jpg'], /^models is no model .*\. Did you mean models\/one\?\n/],
    [['predict', 'models/one', 'brokn.jpg'], /^There is no file brokn\.jpg\. Did you mean broken\.jpg\?\n/],
    [['evaluate', 'models/one', '--dat', 'pictures'], /^error: unknown option '--dat'\n\(Did you mean --data\?\)\n/],
    [['report', 'lates'], /^There is no run "lates" in .*\. Did you mean latest\? See: graft runs\n/],
    [
      ['train', 'models/one'],
      /^models\/one is a saved model, not a script\. To use it: graft predict models\/one PICTURES\. /,
    ],
    [
      ['train', path.relative(workspace, newest())],
      /is the folder of a run, not a script\. .*graft resume \.graft\/runs/,
    ],
  ] as const) {
    const { code, error } = await graft(workspace, ...words);
    assert.notEqual(code, 0);
    assert.match(error, expected);
  }
  // Classes that the model does not know: their names are quoted, whatever is in them.
  await pictureFolder(['a', 'it\'s "q"', 'x, y'], 2, path.join(workspace, 'others'));
  const unknown = await graft(workspace, 'evaluate', 'models/one', '--data', 'others');
  assert.match(
    unknown.error,
    /^others has 2 classes that the model does not know: "it's \\"q\\"", "x, y"\. It knows "a", "b"\. Rename .*train a model that knows them\.\n/,
  );
  const evaluated = await graft(workspace, 'evaluate', 'models/one', '--data', 'pictures');
  assert.match(
    evaluated.out,
    /\nThe 4 pictures that it was only validated on: .*\n4 pictures: one more or less right moves .*\nAll 24 pictures: .*\n24 pictures: one more .*\nIn brackets: /,
  );
  const slip = await graft(workspace, 'predict', 'models/onne', 'broken.jpg');
  assert.match(slip.error, /^There is no model models\/onne\. Did you mean models\/one\?/);
  const predicted = await graft(workspace, 'predict', 'models/one', 'pictures/a', 'broken.jpg', '--csv', 'out.csv');
  assert.equal(predicted.code, 1);
  assert.match(predicted.error, /^Wrote out\.csv\.\nbroken\.jpg/);
  const csv = readFileSync(path.join(workspace, 'out.csv'), 'utf8').split('\r\n');
  assert.deepEqual([csv[0], csv.length], ['file,class,a,b,error', 15]);
});

test('flags come before the script, are recorded, and stay when the run is resumed', async () => {
  const words = ['--epochs', '1', '--batch-size', '2', '--learning-rate', '0.5', '--seed', '9', '--validation', '0.5'];
  const { code, out } = await graft(workspace, 'train', write('steps.ts', steps), ...words);
  assert.equal(code, 0);
  const run = newest();
  assert.deepEqual(runInfo(run).overrides, { epochs: 1, batchSize: 2, learningRate: 0.5, seed: 9, validation: 0.5 });
  const { seed, history, confusion } = report(run);
  assert.deepEqual([seed, history.length, history[0]?.learningRate], [9, 1, 0.5]);
  assert.equal(
    confusion.flat().reduce((sum, count) => sum + count),
    12,
  );
  assert.match(out, /epoch 1\/1 /);
  assert.match(out, /\nThe model of epoch 1 \(head\) is kept; \* marks each epoch that was the best so far\.\n/);
  const shown = await graft(workspace, 'report', path.basename(run));
  assert.match(
    shown.out,
    /Instead of the script: --epochs 1 --batch-size 2 --learning-rate 0\.5 --seed 9 --validation 0\.5\n/,
  );
  // As if it had been killed before its end.
  const log = path.join(run, 'events.ndjson');
  const kept = readFileSync(log, 'utf8')
    .split('\n')
    .filter((line) => !/"type":"(done|report|saved)"/.test(line));
  writeFileSync(log, kept.join('\n'));
  const resumed = await graft(workspace, 'resume', path.basename(run));
  assert.equal(resumed.code, 0, resumed.error);
  assert.equal(runInfo(run).overrides?.epochs, 1);
  assert.match(resumed.out, / pictures, in .* of them since it was resumed\./);
  const unused = await graft(workspace, 'train', write('solved.ts', whole), '--epochs', '3');
  assert.match(unused.out, /Note: --epochs 3 changed nothing: the script calls nothing that it applies to\./);
  assert.match(unused.out, /Classifier solved in .*\n/);
  assert.match(unused.out, /4 pictures: one more or less right moves the accuracy by 25 points\./);
  for (const [flag, value, expected] of [
    ['--epochs', '0', /It is a whole number from 1/],
    ['--size', '7', /It is a number of pixels from 8 to 4096/],
    ['--batchsize', '1', /Did you mean --batch-size\?/],
  ] as const) {
    const wrong = await graft(workspace, 'train', 'steps.ts', flag, value);
    assert.equal(wrong.code, 2);
    assert.match(wrong.error, expected);
  }
});

test('what a script prints is on the terminal and in the log; escapes are not', async () => {
  const prints = `console.log('\\u001b[31mred', { a: 1 });\nconsole.error('oh');\n`;
  const { out } = await graft(workspace, 'train', write('prints.ts', `${head}${prints}${read()}${solve}`));
  assert.match(out, /red \{ a: 1 \}\noh\n/);
  assert.doesNotMatch(out, /\u001b/);
  const said = events(newest()).flatMap((event) => (event.type === 'log' ? [[event.level, event.text]] : []));
  assert.deepEqual(said, [
    ['info', '\u001b[31mred { a: 1 }'],
    ['error', 'oh'],
  ]);
});

test('paths are relative to the script; one of the workspace is found and said', async () => {
  const save = `await saveModel(model, '../models/deep');\n`;
  const own = await graft(workspace, 'train', write('deep/own.ts', `${head}${read('../pictures')}${solve}${save}`));
  assert.equal(own.code, 0, own.error);
  assert.doesNotMatch(own.out, /is read/);
  assert.ok(existsSync(path.join(workspace, 'models/deep/model.json')));
  const old = await graft(workspace, 'train', write('deep/old.ts', whole));
  assert.equal(old.code, 0, old.error);
  assert.match(
    old.out,
    /Note: pictures is not in the folder of old\.ts, so \S+pictures is read\. Paths are relative to the script: write \.\.\/pictures\n/,
  );
});

test('prove saves no model', async () => {
  const { code, error } = await graft(
    workspace,
    'prove',
    write('proof.ts', `${whole}await saveModel(model, 'models/proof');\n`),
  );
  assert.equal(code, 0, error);
  assert.ok(!existsSync(path.join(workspace, 'models/proof')));
});

test('small manners: version, wrong use, a closed pipe', async () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  assert.deepEqual(await graft(workspace, '--version'), { code: 0, out: `${version}\n`, error: '' });
  const freeze = await graft(
    workspace,
    ...['new', '--technique', 'feature-extraction', '--data', 'pictures', '--freeze-up-to', 'relu'],
  );
  assert.equal(freeze.code, 2);
  assert.match(
    freeze.error,
    /--freeze-up-to is for --technique fine-tune: feature extraction freezes the whole base\./,
  );
  const command = await graft(workspace, 'trian');
  assert.match(command.error, /Did you mean train\?/);
  // As an old Node would say it of itself.
  const old = write('old-node.cjs', "Object.defineProperty(process, 'versions', { value: { node: '16.20.2' } });");
  const answer = spawnSync(process.execPath, ['--require', path.join(workspace, old), cli, 'runs'], {
    encoding: 'utf8',
  });
  assert.deepEqual([answer.status, answer.stdout], [1, '']);
  assert.match(answer.stderr, /^Graft needs Node 20\.9 or newer, and this is Node 16\.20\.2\..*\n$/);
  const child = spawn(process.execPath, [cli, 'runs'], { cwd: workspace, stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  let error = '';
  child.stderr.on('data', (chunk: Buffer) => (error += chunk.toString()));
  const code = await new Promise((resolve) => child.once('close', resolve));
  assert.deepEqual([code, error], [0, '']);
});

test('clean shows what .graft takes and frees it, and goes into no link', async () => {
  const outside = temporaryFolder();
  writeFileSync(path.join(outside, 'kept'), 'x');
  symlinkSync(outside, path.join(workspace, '.graft/cache/link'));
  const shown = await graft(workspace, 'clean');
  assert.match(shown.out, /^\.graft .*\ncache +\S+ [kM]?B/);
  assert.ok(existsSync(path.join(workspace, '.graft/cache')));
  const asked = await graft(workspace, 'clean', '--cache');
  assert.equal(asked.code, 1);
  assert.match(
    asked.error,
    /\.graft\/cache, \.graft\/picture-index would be deleted, and nobody can be asked\. Say so with: --yes/,
  );
  const cache = await graft(workspace, 'clean', '--cache', '--yes');
  assert.match(cache.out, /Freed \S+ [kM]?B\./);
  assert.deepEqual(
    ['cache', 'picture-index', 'runs'].map((name) => existsSync(path.join(workspace, '.graft', name))),
    [false, false, true],
  );
  assert.equal((await graft(workspace, 'clean', '--all', '--yes')).code, 0);
  assert.ok(!existsSync(path.join(workspace, '.graft/runs')));
  assert.ok(existsSync(path.join(workspace, 'models/one/model.json')));
  assert.equal(readFileSync(path.join(outside, 'kept'), 'utf8'), 'x');
});
