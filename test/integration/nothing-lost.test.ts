/** What a slip may not cost: a model, a file, an evening. */
import assert from 'node:assert/strict';
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { before, test } from 'node:test';

import { events, graft, runFolders } from '../support/cli.js';
import { fixtures } from '../support/made-up.js';
import { pictureFolder, temporaryFolder } from '../support/pictures.js';

const base = JSON.stringify(path.join(fixtures, 'tiny.h5'));
const script = (
  rest: string,
) => `import { extractFeatures, imageFolder, loadBase, logisticRegression, saveModel } from 'graftjs';
const data = await imageFolder('pictures', { size: [16, 16] });
const features = await extractFeatures(await loadBase(${base}, { preprocessing: 'tf' }), data);
const model = await logisticRegression(features, { l2: 0.1 });
${rest}
`;

let workspace = '';

before(async () => {
  workspace = temporaryFolder();
  await pictureFolder(['a', 'b'], 12, path.join(workspace, 'pictures'));
});

async function train(name: string, text: string) {
  writeFileSync(path.join(workspace, name), text);
  return await graft(workspace, 'train', name);
}

test('a model whose saving is not awaited is saved, or it is said why not', async () => {
  const saved = await train('saved.ts', script("saveModel(model, 'models/one');"));
  assert.deepEqual([saved.code, saved.error], [0, '']);
  assert.match(saved.out, /Saved \S+models\/one\n/);
  assert.ok(existsSync(path.join(workspace, 'models/one/graft.json')));
  const refused = await train('refused.ts', script("saveModel(model, 'models/one');"));
  assert.equal(refused.code, 1);
  assert.match(refused.error, /holds the model of another script, saved\.ts/);
});

test('a second training that is not awaited is waited for, and what the script does before it', async () => {
  const { code, error } = await train(
    'second.ts',
    script(`async function second() {
  await new Promise((resolve) => setTimeout(resolve, 1500));
  const other = await logisticRegression(features, { l2: 10 });
  await new Promise((resolve) => setTimeout(resolve, 1500));
  await saveModel(other, 'models/second');
}
second();`),
  );
  assert.deepEqual([code, error], [0, '']);
  assert.ok(existsSync(path.join(workspace, 'models/second/graft.json')));
});

test('a script that ends its process itself has ended, unless something was going on or it gives another code', async () => {
  const saved = await train('exit.ts', script("await saveModel(model, 'models/exit'); process.exit(0);"));
  assert.deepEqual([saved.code, saved.error], [0, '']);
  assert.equal(events(runFolders(workspace).at(-1) ?? '').at(-1)?.type, 'done');
  for (const [rest, sentence] of [
    ['process.exit(3);', /^The script ended its process with code 3\. Look for process\.exit in it/],
    [
      "logisticRegression(features, { l2: 'cross-validate' }); await new Promise(setImmediate); process.exit();",
      /^The script ended its process with code 0 while Graft was at work\. Look for process\.exit in it/,
    ],
  ] as const) {
    const { code, error } = await train('exit.ts', script(rest));
    assert.equal(code, 1);
    assert.match(error, sentence);
  }
});

test('a script that keeps something open ends all the same, and is told what', async () => {
  const { code, out } = await train('open.ts', script('setInterval(() => undefined, 1000);'));
  assert.equal(code, 0);
  assert.match(out, /The script keeps something open \(.*Timeout.*\): its run ends 10 s after its last training\./);
});

test(
  'a folder that nobody can make is refused, and does not keep the training for ever',
  { skip: existsSync('/proc/version') ? false : 'it takes /proc', timeout: 60_000 },
  async () => {
    const { code, error } = await train('nowhere.ts', script("await saveModel(model, '/proc/nope/model');"));
    assert.equal(code, 1);
    assert.match(error, /^Cannot write \/proc\/nope\/model: .* The trained model is in \S+\/model/);
  },
);

test('what a table, or a report, would replace stays, unless somebody says that it may go', async () => {
  await train('saved.ts', script("await saveModel(model, 'models/one');"));
  const mine = path.join(workspace, 'mine.csv');
  writeFileSync(mine, 'path,label\n');
  for (const words of [
    ['predict', 'models/one', 'pictures/a', '--csv', 'mine.csv'],
    ['report', 'latest', '--html', 'mine.csv'],
  ]) {
    const { code, error } = await graft(workspace, ...words);
    assert.deepEqual([code, error], [1, 'mine.csv is already there. Give another name, or replace it with --force.\n']);
    assert.equal(readFileSync(mine, 'utf8'), 'path,label\n');
    assert.equal((await graft(workspace, ...words, '--force')).code, 0);
    assert.notEqual(readFileSync(mine, 'utf8'), 'path,label\n');
    writeFileSync(mine, 'path,label\n');
  }
});

test('a script that fails says why in one line; the stack is in output.log, and the report names the cause', async () => {
  const { code, out, error } = await train('wrong.ts', script('console.log("so far"); model.x.y();'));
  assert.equal(code, 1);
  assert.doesNotMatch(`${out}${error}`, /^ +at /m);
  assert.match(out, /^so far$/m);
  const run = runFolders(workspace).at(-1) ?? '';
  const said = events(run).flatMap((event) => (event.type === 'log' ? [event.text] : []));
  assert.deepEqual(said, ['so far']);
  assert.match(readFileSync(path.join(run, 'output.log'), 'utf8'), /^ +at .*wrong\.ts/m);
  await train('early.ts', script('').replace("'pictures'", "'nowhere'"));
  const asked = await graft(workspace, 'report', 'latest');
  assert.match(
    asked.error,
    /^Run \S+ has no report: it is failed\. It said: .*nowhere.* then go on with: graft resume \S+\n$/,
  );
});

test('a class that is a copy of another is told as that', async () => {
  const pictures = path.join(workspace, 'copied');
  await pictureFolder(['leaf', 'shell'], 12, pictures);
  cpSync(path.join(pictures, 'leaf'), path.join(pictures, 'Leaf2'), { recursive: true });
  const { error } = await train('copied.ts', script('').replace("'pictures'", "'copied'"));
  assert.match(
    error,
    /^12 of the 12 pictures of the class "Leaf2" of copied are in other classes too, so which is right is not known: they are left out, and none is left\. Leave each picture in one class; if Leaf2 is a copy, move its folder away\./,
  );
});
