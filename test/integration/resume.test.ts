/** A run is resumed after something around it has changed, or twice at once. */
import assert from 'node:assert/strict';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { before, test } from 'node:test';

import { events, graft, start, until } from '../support/cli.js';
import { fixtures } from '../support/made-up.js';
import { pictureFolder, temporaryFolder } from '../support/pictures.js';

const tiny = path.join(fixtures, 'tiny.h5');
const script = `import { cosine, fit, freeze, imageFolder, loadBase, tf } from 'graftjs';
const data = await imageFolder('pictures', { size: [16, 16], seed: 7, resize: 'crop', augment: { flip: true, views: 2 } });
const base = await loadBase(${JSON.stringify(tiny)}, { preprocessing: 'tf' });
freeze(base, { upTo: 'relu' });
let x = tf.layers.globalAveragePooling2d({}).apply(base.outputs) as tf.SymbolicTensor;
x = tf.layers.dropout({ rate: 0.2 }).apply(x) as tf.SymbolicTensor;
x = tf.layers.dense({ units: data.classes.length, activation: 'softmax' }).apply(x) as tf.SymbolicTensor;
const model = tf.model({ inputs: base.inputs, outputs: x });
await fit(model, data, { epochs: 150, headEpochs: 2, batchSize: 8, learningRate: cosine({ peak: 0.01 }) });
`;

let workspace = '';
/** The same training without an interruption. */
let whole: Buffer;
const folderOf = (run: string) => path.join(workspace, '.graft', 'runs', run);
const weights = (run: string) => readFileSync(path.join(folderOf(run), 'model', 'weights.bin'));
const write = (text: string) => {
  writeFileSync(path.join(workspace, 'train.ts'), text);
};

before(async () => {
  workspace = temporaryFolder();
  await pictureFolder(['blue', 'green', 'red'], 14, path.join(workspace, 'pictures'));
  write(script);
  const { code, error } = await graft(workspace, 'train', 'train.ts', '--run-dir', folderOf('whole'));
  assert.equal(code, 0, error);
  whole = weights('whole');
});

/** A run that was stopped while it fine-tuned. */
async function stopped(run: string): Promise<void> {
  write(script);
  const { child, finished } = start(workspace, 'train', 'train.ts', '--run-dir', folderOf(run));
  await until(() => events(folderOf(run)).some((event) => event.type === 'epoch' && event.stage === 'fine-tune'));
  child.kill('SIGINT');
  assert.equal((await finished).code, 130);
}

test('two resumes of a run at once: one goes on to its end, the other says that it runs already', async () => {
  await stopped('twice');
  // Where both find each other, both refuse: the user tries again.
  for (let tries = 0; tries < 5; tries++) {
    const both = await Promise.all([1, 2].map(() => graft(workspace, 'resume', 'twice')));
    const refused = both.filter(({ code }) => code !== 0);
    assert.ok(refused.length > 0, 'both have trained');
    for (const { code, error } of refused) {
      assert.equal(code, 1);
      assert.match(error, /^Run twice is (running|running already|starting) \(process \d+\)\. (Wait|Stop)/);
    }
    if (refused.length === 1) break;
  }
  assert.deepEqual(weights('twice'), whole);
  const said = events(folderOf('twice')).flatMap(({ type }) =>
    /^(started|stopped|failed|done)$/.test(type) ? [type] : [],
  );
  assert.deepEqual(said, ['started', 'stopped', 'started', 'done']);
});

const changes: readonly {
  readonly what: string;
  readonly change: () => void;
  readonly undo: () => void;
  /** Undefined: it goes on, to the same weights. */
  readonly refusal?: RegExp;
}[] = [
  {
    what: 'the script has a comment and a line after the training',
    change: () => {
      write(`// What it is for.\n${script}console.log('done');\n`);
    },
    undo: () => {
      write(script);
    },
  },
  ...[
    ['dropout', 'rate: 0.2', 'rate: 0.5'],
    ['preprocessing', "preprocessing: 'tf'", "preprocessing: 'torch'"],
    ['way to the size', "resize: 'crop'", "resize: 'pad'"],
  ].map(([what = '', from = '', to = '']) => ({
    what: `the script has another ${what}`,
    change: () => {
      write(script.replace(from, to));
    },
    undo: () => {
      write(script);
    },
    refusal: /^The data, the model or the options of fit have changed/,
  })),
  {
    what: 'a picture is gone',
    change: () => {
      cpSync(path.join(workspace, 'pictures/red/0.png'), path.join(workspace, 'kept.png'));
      rmSync(path.join(workspace, 'pictures/red/0.png'));
    },
    undo: () => {
      cpSync(path.join(workspace, 'kept.png'), path.join(workspace, 'pictures/red/0.png'));
    },
    refusal: /^The data, the model or the options of fit have changed/,
  },
  {
    // As after an update of Graft or of ONNX Runtime, which computes them anew.
    what: 'the activations are no longer those of the cache',
    change: () => {
      rmSync(path.join(workspace, '.graft', 'cache'), { recursive: true });
    },
    undo: () => undefined,
  },
];

test('what has changed since the checkpoint is noticed; undone, the run goes on to the same weights', async () => {
  await stopped('changed');
  for (const { what, change, undo, refusal } of changes) {
    change();
    const { code, error } = await graft(workspace, 'resume', 'changed');
    undo();
    if (refusal === undefined) {
      assert.equal(code, 0, `${what}: ${error}`);
      assert.deepEqual(weights('changed'), whole, what);
      // Back to where it was stopped.
      rmSync(folderOf('changed'), { recursive: true });
      await stopped('changed');
    } else {
      assert.equal(code, 1, what);
      assert.match(error, refusal, what);
    }
  }
  const { code, error } = await graft(workspace, 'resume', 'changed');
  assert.equal(code, 0, error);
  assert.deepEqual(weights('changed'), whole);
});
