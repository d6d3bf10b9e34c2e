/** What version 0.1.0 wrote is read as it was meant, or it is said in one sentence what to do. */
import assert from 'node:assert/strict';
import { cpSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { before, test } from 'node:test';

import { events, graft, report } from '../support/cli.js';
import { fixtures } from '../support/made-up.js';
import { temporaryFolder } from '../support/pictures.js';

const written = path.resolve('test', 'fixtures', 'version-0.1.0');

interface Said {
  readonly evaluate: {
    readonly images: number;
    readonly metrics: Readonly<Record<string, number>>;
    readonly confusion: readonly (readonly number[])[];
  };
  readonly predict: readonly { readonly classes: readonly { readonly name: string; readonly probability: number }[] }[];
}
const expected = JSON.parse(readFileSync(path.join(written, 'expected.json'), 'utf8')) as Record<string, Said>;

/** The workspace, at a place of its own. */
function workspaceOf010(): string {
  const workspace = temporaryFolder();
  cpSync(path.join(written, 'workspace'), workspace, { recursive: true });
  renameSync(path.join(workspace, 'graft'), path.join(workspace, '.graft'));
  cpSync(path.join(fixtures, 'tiny.h5'), path.join(workspace, 'tiny.h5'));
  for (const name of readdirSync(workspace, { recursive: true }).map(String)) {
    const file = path.join(workspace, name);
    if (!statSync(file).isFile() || !/\.(json|ndjson)$/.test(name)) continue;
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replaceAll('/WORKSPACE', workspace.replaceAll('\\', '/')));
  }
  return workspace;
}

let workspace = '';
before(() => {
  workspace = workspaceOf010();
});

test('runs of 0.1.0 are listed with their figures and reported', async () => {
  const { code, out } = await graft(workspace, 'runs', '--json');
  assert.equal(code, 0);
  const runs = JSON.parse(out) as { id: string; status: string }[];
  assert.deepEqual(runs.map(({ id, status }) => [id, status]).sort(), [
    ['done', 'done'],
    ['probe', 'done'],
    ['stopped', 'stopped'],
  ]);
  for (const id of ['done', 'probe']) {
    const shown = await graft(workspace, 'report', id, '--html', `${id}.html`);
    assert.deepEqual([shown.code, shown.error], [0, '']);
    const { accuracy } = report(path.join(workspace, '.graft/runs', id)).metrics;
    assert.match((await graft(workspace, 'report', id)).out, new RegExp(`accuracy ${(100 * accuracy).toFixed(1)} %`));
  }
});

for (const [name, said] of Object.entries(expected)) {
  test(`the model ${name} of 0.1.0 evaluates and predicts as it did, and exports`, async () => {
    const model = `models/${name}`;
    const evaluated = await graft(workspace, 'evaluate', model, '--data', 'pictures', '--json');
    assert.equal(evaluated.code, 0, evaluated.error);
    // One sentence: who looks at the model cannot know whether somebody has changed it.
    assert.match(evaluated.error, /^Note: models\/\w+\/graft\.json has no digest \(Graft 0\.1\.0 wrote none, .*\.\n$/);
    const now = JSON.parse(evaluated.out) as Said['evaluate'];
    assert.deepEqual([now.images, now.confusion], [said.evaluate.images, said.evaluate.confusion]);
    for (const [metric, value] of Object.entries(said.evaluate.metrics))
      assert.ok(Math.abs((now.metrics[metric] ?? NaN) - value) < 1e-6, `${metric}: ${now.metrics[metric] ?? NaN}`);

    const pictures = ['pictures/blue/0.png', 'pictures/green/3.png'];
    const predicted = JSON.parse(
      (await graft(workspace, 'predict', model, ...pictures, '--json')).out,
    ) as Said['predict'];
    for (const [i, { classes }] of said.predict.entries())
      for (const { name, probability } of classes) {
        const found = predicted[i]?.classes.find((one) => one.name === name)?.probability ?? NaN;
        assert.ok(Math.abs(found - probability) < 1e-6, `${name}: ${found} instead of ${probability}`);
      }

    for (const to of ['onnx', 'tfjs']) {
      const { code, out, error } = await graft(workspace, 'export', model, '--to', to, '--json');
      assert.equal(code, 0, error);
      assert.ok((JSON.parse(out) as { largestDifference: number }).largestDifference < 1e-5);
    }
  });
}

test('scripts of 0.1.0 run beside its runs and its cache; the model of the same script is replaced, that of another is not', async () => {
  const { code, error, out } = await graft(workspace, 'train', 'train-fine-tune.ts', '--run-dir', '.graft/runs/again');
  assert.equal(code, 0, error);
  assert.match(out, /Saved \S+models\/pictures, in the place of the model of run done\./);
  const before = report(path.join(workspace, '.graft/runs/done'));
  const after = report(path.join(workspace, '.graft/runs/again'));
  assert.deepEqual(
    [after.classes, after.confusion, after.hashes.base],
    [before.classes, before.confusion, before.hashes.base],
  );
  assert.ok(Math.abs(after.metrics.loss - before.metrics.loss) < 0.01, `${after.metrics.loss}`);

  const other = await graft(workspace, 'train', 'train-feature-extraction.ts');
  assert.equal(other.code, 1);
  assert.match(
    other.error,
    /^\S+models\/pictures holds the model of another script, train-fine-tune\.ts \(run again\)\. Save to another folder, .*The trained model is in \S+\/model/,
  );
});

test('a run of 0.1.0 that has ended is not resumed; one that was stopped says that it begins anew, and how, and does', async () => {
  const ended = await graft(workspace, 'resume', 'done');
  assert.deepEqual([ended.code, ended.error], [1, 'Run done is done. See its report with: graft report done\n']);

  const run = path.join(workspace, '.graft/runs/stopped');
  const checkpoints = path.join(run, 'checkpoints');
  const left = readdirSync(checkpoints);
  const stopped = await graft(workspace, 'resume', 'stopped');
  assert.equal(stopped.code, 1);
  const [sentence] = stopped.error.split('\n');
  assert.match(
    sentence ?? '',
    /^There is no whole checkpoint to go on from: .*as an older version of Graft wrote it\. To train from the beginning, delete \S+checkpoints, then resume again\./,
  );
  assert.deepEqual(readdirSync(checkpoints), left);

  // As it says.
  rmSync(checkpoints, { recursive: true });
  const script = path.join(workspace, 'train-long.ts');
  writeFileSync(
    script,
    readFileSync(script, 'utf8')
      .replace('epochs: 900', 'epochs: 2')
      .replace('headEpochs: 30', 'headEpochs: 2')
      .replace('models/pictures', 'models/long'),
  );
  const anew = await graft(workspace, 'resume', 'stopped');
  assert.equal(anew.code, 0, anew.error);
  const all = events(run);
  assert.equal(all.filter(({ type }) => type === 'started').length, 3);
  assert.equal(all.at(-1)?.type, 'done');
});
