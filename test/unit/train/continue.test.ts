/** A model that Graft saved is the base of the next one: of the same task or another, with the same, more or other classes. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import sharp from 'sharp';

import { tasks, techniques, type RunEvent, type Task, type Technique } from '../../../src/protocol/index.js';
import { setRandomSeed } from '../../../src/common/random.js';
import { baseOf, registerBase } from '../../../src/runtime/bases/base.js';
import { loadBase } from '../../../src/runtime/bases/load-base.js';
import { imageCsv, type ImageDataset, type ImageOptions } from '../../../src/runtime/data/index.js';
import { loadModel, saveTrained } from '../../../src/runtime/export/saved-model.js';
import type { TrainedModel } from '../../../src/runtime/export/types.js';
import { describeBase, listSavedModels } from '../../../src/runtime/scaffold/describe-base.js';
import { scriptText } from '../../../src/runtime/scaffold/script.js';
import { tf } from '../../../src/runtime/tf.js';
import { extractFeatures, type Features } from '../../../src/runtime/train/features.js';
import { fit } from '../../../src/runtime/train/fit.js';
import { freeze } from '../../../src/runtime/train/freeze.js';
import { inUnits } from '../../../src/runtime/train/in-units.js';
import { logisticRegression } from '../../../src/runtime/train/logistic-regression.js';
import { ridgeRegression } from '../../../src/runtime/train/ridge-regression.js';
import { constant } from '../../../src/runtime/train/schedules.js';
import { warmStart } from '../../../src/runtime/train/warm-start.js';
import { events } from '../../support/cli.js';
import { failure } from '../../support/failure.js';
import { temporaryFolder } from '../../support/pictures.js';
import { inRun } from '../../support/run.js';

const colors = { red: [200, 40, 30], green: [40, 170, 60], blue: [40, 60, 210], yellow: [220, 200, 40] } as const;
const names = Object.keys(colors) as (keyof typeof colors)[];
const noise = (i: number, k: number) => ((i * 7919 + k * 104_729 + 13) * 2_654_435_761) % 97;

/** Shapes by colour, count and size, 16 × 16; the tables of all tasks beside them. */
const folder = temporaryFolder();
mkdirSync(path.join(folder, 'all'));
interface Shapes {
  readonly id: string;
  readonly color: string;
  readonly colors: readonly string[];
  readonly count: number;
  readonly side: number;
}
const shapes: Shapes[] = [];
for (let i = 0; i < 48; i++) {
  const [first = 'red', other = 'red'] = [names[i % 4], names[(i * 3 + 1) % 4]];
  const count = 1 + ((i >> 2) % 3);
  const side = 2 + (noise(i, 0) % 4);
  const pixels = Buffer.alloc(16 * 16 * 3, 235);
  for (let k = 0; k < pixels.length; k++) pixels[k] = 225 + (noise(i, k + 9) % 25);
  for (let shape = 0; shape < count; shape++) {
    const [top, left] = [noise(i, 3 * shape + 1) % (16 - side), noise(i, 3 * shape + 2) % (16 - side)];
    const color = colors[shape === 1 ? other : first];
    for (let y = top; y < top + side; y++)
      for (let x = left; x < left + side; x++) color.forEach((value, c) => (pixels[(y * 16 + x) * 3 + c] = value));
  }
  const id = `all/${i}.png`;
  await sharp(pixels, { raw: { width: 16, height: 16, channels: 3 } })
    .png()
    .toFile(path.join(folder, id));
  shapes.push({ id, color: first, colors: [...new Set([first, ...(count > 1 ? [other] : [])])], count, side });
}
function table(name: string, head: string, line: (one: Shapes) => string | undefined): string {
  const file = path.join(folder, name);
  const lines = shapes.flatMap((one) => {
    const cells = line(one);
    return cells === undefined ? [] : [`${one.id},${cells}`];
  });
  writeFileSync(file, [`path,${head}`, ...lines].join('\n'));
  return file;
}
const few = ({ color }: Shapes) => (color === 'yellow' ? undefined : color);
const tables: Readonly<Record<Task, Readonly<Record<'same' | 'more' | 'other', string>>>> = {
  classification: {
    same: table('few.csv', 'label', few),
    more: table('all.csv', 'label', ({ color }) => color),
    other: table('sizes.csv', 'label', ({ side }) => (side > 3 ? 'large' : 'small')),
  },
  'multi-label': {
    same: table('labels.csv', 'labels', (one) => one.colors.filter((color) => color !== 'yellow').join('|')),
    more: table('all-labels.csv', 'labels', (one) => one.colors.join('|')),
    other: table('other-labels.csv', 'labels', ({ side, count }) =>
      [...(side > 3 ? ['large'] : []), ...(count > 1 ? ['several'] : [])].join('|'),
    ),
  },
  regression: {
    same: table('side.csv', 'side', ({ side }) => `${side}.25`),
    more: table('side-count.csv', 'count,side', ({ side, count }) => `${count},${1000 * side}`),
    other: table('count.csv', 'count', ({ count }) => `${count}`),
  },
};
const namesOf: Readonly<Record<Task, Readonly<Record<'same' | 'more' | 'other', readonly string[]>>>> = {
  classification: {
    same: ['blue', 'green', 'red'],
    more: ['blue', 'green', 'red', 'yellow'],
    other: ['large', 'small'],
  },
  'multi-label': {
    same: ['blue', 'green', 'red'],
    more: ['blue', 'green', 'red', 'yellow'],
    other: ['large', 'several'],
  },
  regression: { same: ['side'], more: ['count', 'side'], other: ['count'] },
};

const options = { size: [16, 16], seed: 3, nearDuplicates: false } as const;
const read = (task: Task, which: keyof (typeof tables)[Task], more: Partial<ImageOptions> = {}) =>
  imageCsv(tables[task][which], { ...options, ...more, task });

function network(): tf.LayersModel {
  const input = tf.input({ shape: [16, 16, 3] });
  let x = tf.layers.conv2d({ filters: 6, kernelSize: 3, name: 'first' }).apply(input);
  x = tf.layers.activation({ activation: 'relu', name: 'relu' }).apply(x);
  x = tf.layers.conv2d({ filters: 8, kernelSize: 3, name: 'second' }).apply(x);
  x = tf.layers.activation({ activation: 'relu', name: 'out' }).apply(x);
  const model = tf.model({ inputs: input, outputs: x as tf.SymbolicTensor });
  return registerBase(model, { name: 'made up', preprocessing: 'unit', weights: 'made up', hash: 'abc' });
}

const endings = { classification: 'softmax', 'multi-label': 'sigmoid', regression: 'linear' } as const;

/** As the templates do it. */
function withHead(base: tf.LayersModel, data: ImageDataset<Task>, dropout = false): tf.LayersModel {
  let x = tf.layers.globalAveragePooling2d({}).apply(base.outputs) as tf.SymbolicTensor;
  if (dropout) x = tf.layers.dropout({ rate: 0.2 }).apply(x) as tf.SymbolicTensor;
  const activation = endings[data.task];
  x = tf.layers.dense({ units: data.classes.length, activation, name: 'head' }).apply(x) as tf.SymbolicTensor;
  const outputs = data.task === 'regression' ? inUnits(x, data as unknown as ImageDataset<'regression'>) : x;
  return tf.model({ inputs: base.inputs, outputs });
}

async function train(
  technique: Technique,
  base: tf.LayersModel,
  data: ImageDataset<Task>,
  warm: boolean,
): Promise<TrainedModel> {
  if (technique === 'feature-extraction') {
    const features = await extractFeatures(base, data);
    return data.task === 'regression'
      ? await ridgeRegression(features as unknown as Features<'regression'>, { l2: 0.01 })
      : await logisticRegression(features as unknown as Features, { l2: 0.01 });
  }
  freeze(base, { upTo: 'relu' });
  const model = withHead(base, data);
  if (warm) await warmStart(model, data);
  const { best } = await fit(model, data, { epochs: 1, headEpochs: 0, learningRate: constant({ peak: 1e-3 }) });
  return best;
}

const saved = new Map<string, string>();
for (const task of tasks)
  for (const technique of techniques) {
    const target = path.join(folder, 'models', `${task}-${technique}`);
    await inRun(temporaryFolder(), async () => {
      setRandomSeed(1);
      await saveTrained(await train(technique, network(), await read(task, 'same', { resize: 'pad' }), false), target);
    });
    saved.set(`${task} ${technique}`, target);
  }
const modelOf = (task: Task, technique: Technique = 'fine-tuning') => saved.get(`${task} ${technique}`) ?? '';
const textOf = (all: readonly RunEvent[]) =>
  all.flatMap((event) => (event.type === 'log' ? [event.text] : event.type === 'warning' ? [event.message] : []));

for (const from of tasks)
  for (const [source, into] of techniques.flatMap((a) => techniques.map((b) => [a, b] as const)))
    test(`${from} by ${source} goes on by ${into}: every task, the same names, more, others`, async () => {
      for (const task of tasks)
        for (const which of source === 'fine-tuning' ? (['same', 'more', 'other'] as const) : (['more'] as const))
          await inRun(temporaryFolder(), async (run) => {
            const file = modelOf(from, source);
            const base = await loadBase(file);
            assert.equal(baseOf(base)?.info.preprocessing, 'unit');
            const data = await read(task, which);
            const trained = await train(into, base, data, true);
            assert.deepEqual(trained.classes, namesOf[task][which], `${task} ${which}`);
            assert.equal(trained.task, task);
            assert.deepEqual(
              [trained.preprocessing, trained.base.name, trained.technique],
              ['unit', path.basename(file), into],
            );
            const target = path.join(temporaryFolder(), 'next');
            await saveTrained(trained, target);
            const again = await loadModel(target);
            assert.deepEqual(again.classes, trained.classes);
            if (into === 'feature-extraction') return;
            const common = task === from ? namesOf[task][which].filter((one) => namesOf[from].same.includes(one)) : [];
            const said = textOf(events(run.folder)).find((text) => text.startsWith('The last layer'));
            assert.match(
              said ?? '',
              common.length > 0
                ? new RegExp(`starts from what ${path.basename(file)} knows of ${common.join(', ')}`)
                : /starts at random: /,
            );
          });
    });

const outputOf = (model: tf.LayersModel, n = 5) =>
  tf.tidy(() => {
    const pixels = tf.tensor(
      Float32Array.from({ length: n * 16 * 16 * 3 }, (_, i) => noise(i, 5) / 97),
      [n, 16, 16, 3],
    );
    return [...((model.predict(pixels) as tf.Tensor).arraySync() as number[][])];
  });

for (const task of tasks)
  for (const technique of techniques)
    test(`${task} by ${technique}: warm, the model says what the saved one says; of more names, what it knows`, async () => {
      await inRun(temporaryFolder(), async () => {
        const before = outputOf((await loadModel(modelOf(task, technique))).model);
        // The numbers of `more` are in other units, and spread otherwise.
        for (const which of ['same', 'more'] as const) {
          const data = await read(task, which);
          const base = await loadBase(modelOf(task, technique));
          const model = withHead(base, data, which === 'more');
          assert.deepEqual(await warmStart(model, data), namesOf[task].same);
          const places = namesOf[task].same.map((name) => data.classes.indexOf(name));
          const now = outputOf(model).map((row) => {
            const values = places.map((place) => row[place] ?? NaN);
            // Of a softmax over more classes, the shares of those that were there before.
            const total = task === 'classification' ? values.reduce((sum, value) => sum + value, 0) : 1;
            return values.map((value) => value / total);
          });
          now.forEach((row, i) => {
            row.forEach((value, c) => {
              const expected = before[i]?.[c] ?? NaN;
              assert.ok(
                Math.abs(value - expected) < 2e-4 * Math.max(1, Math.abs(expected)),
                `${value} is not ${expected}`,
              );
            });
          });
        }
      });
    });

test('a head of several layers, or on something else than pooled features, starts at random, and says so', async () => {
  await inRun(temporaryFolder(), async (run) => {
    const data = await read('classification', 'same');
    const deep = (base: tf.LayersModel) => {
      let x = tf.layers.globalAveragePooling2d({}).apply(base.outputs) as tf.SymbolicTensor;
      x = tf.layers.dense({ units: 8, activation: 'relu' }).apply(x) as tf.SymbolicTensor;
      x = tf.layers.dense({ units: 3, activation: 'softmax' }).apply(x) as tf.SymbolicTensor;
      return tf.model({ inputs: base.inputs, outputs: x });
    };
    assert.deepEqual(await warmStart(deep(await loadBase(modelOf('classification'))), data), []);
    const target = path.join(temporaryFolder(), 'deep');
    const trained = await loadModel(modelOf('classification'));
    await saveTrained({ ...trained, model: deep(network()) }, target);
    assert.deepEqual(await warmStart(withHead(await loadBase(target), data), data), []);
    assert.deepEqual(textOf(events(run.folder)), [
      'The last layer starts at random: it does not stand on the pooled features alone, as that of classification-fine-tuning does.',
      'The last layer starts at random: that of deep is not the only one on its features.',
    ]);
  });
});

test('a base that Graft did not save has nothing to start from', async () => {
  await inRun(temporaryFolder(), async () => {
    const data = await read('classification', 'same');
    const error = await failure(warmStart(withHead(network(), data), data));
    assert.match(error.message, /stands on no model that Graft saved/);
    assert.match(error.action, /loadBase\('models\/flowers'\)/);
  });
});

test('a whole saved model trains on, for its own classes; for others it says how', async () => {
  await inRun(temporaryFolder(), async (run) => {
    const file = modelOf('classification');
    const { model } = await loadModel(file);
    const fitted = { epochs: 1, learningRate: constant({ peak: 1e-3 }) };
    const { best } = await fit(model, await read('classification', 'same'), fitted);
    assert.deepEqual(best.classes, ['blue', 'green', 'red']);
    assert.doesNotMatch(textOf(events(run.folder)).join(), /was trained for/);
    const more = await failure(fit((await loadModel(file)).model, await read('classification', 'more'), fitted));
    assert.match(more.message, /the model ends in \[3\], but the data has 4 classes/);
    assert.match(more.action, /^Take it as a base, without its last layer: loadBase/);
    const features = await failure(
      extractFeatures((await loadModel(file)).model, await read('classification', 'same')),
    );
    assert.match(
      features.message,
      /classification-fine-tuning ends in what it says of blue, green, red, not in features/,
    );
    assert.match(features.action, /loadBase\('models\/classification-fine-tuning'\)/);
    const renamed = table('renamed.csv', 'label', (one) => few(one)?.replace('red', 'orange'));
    await fit((await loadModel(file)).model, await imageCsv(renamed, options), fitted);
    assert.match(
      textOf(events(run.folder)).join(' '),
      /was trained for blue, green, red, and the data has blue, green, orange: its last layer starts from what it knew/,
    );
  });
});

test('what the base was trained on is said where it validates, and stays known to the model', async () => {
  await inRun(temporaryFolder(), async (run) => {
    const file = modelOf('classification');
    const before = (await loadModel(file)).examples?.train ?? [];
    const data = await read('classification', 'same', { seed: 99 });
    const seen = data.validation.filter(({ hash }) => before.includes(hash.slice(0, 16))).length;
    assert.ok(seen > 0);
    const trained = await train('feature-extraction', await loadBase(file), data, false);
    assert.ok(
      textOf(events(run.folder)).includes(
        `classification-fine-tuning was trained on ${seen} of the ${data.validation.length} pictures for validation: the figures will flatter.`,
      ),
    );
    assert.deepEqual(
      trained.examples?.train,
      [...new Set([...before, ...data.train.map(({ hash }) => hash.slice(0, 16))])].sort(),
    );
  });
  await inRun(temporaryFolder(), async (run) => {
    // The same pictures, split alike.
    await train(
      'feature-extraction',
      await loadBase(modelOf('classification')),
      await read('classification', 'same'),
      false,
    );
    assert.doesNotMatch(textOf(events(run.folder)).join(), /was trained on/);
  });
});

test('a run is a base too: it has the model of its best epoch', async () => {
  const workspace = temporaryFolder();
  await inRun(workspace, async () => {
    await train('feature-extraction', network(), await read('classification', 'same'), false);
  });
  const run = path.join(workspace, '.graft/runs/r1');
  for (const place of [run, path.join(run, 'model'), path.join(run, 'model', 'model.json')]) {
    const info = baseOf(await loadBase(place))?.info;
    assert.deepEqual([info?.name, info?.saved?.classes], ['r1', ['blue', 'green', 'red']]);
  }
  const other = path.join(workspace, '.graft/runs/r2');
  mkdirSync(other);
  writeFileSync(path.join(other, 'run.json'), '{}');
  const error = await failure(loadBase(other));
  assert.match(error.message, /^The run r2 has no model/);
});

test('the script for a saved model keeps what it knows by name, and how its pictures are resized', async () => {
  const script = async (from: Task, task: Task, which: 'same' | 'more' | 'other', technique: Technique) =>
    await scriptText({
      ...{ technique, task, workspace: folder },
      data: path.relative(folder, tables[task][which]),
      base: modelOf(from),
    });
  const kept = await script('classification', 'classification', 'more', 'fine-tuning');
  assert.match(kept, /import \{ .*loadBase, saveModel, tf, warmStart \} from 'graftjs'/);
  assert.match(kept, /loadBase\('models\/classification-fine-tuning', \{ preprocessing: 'unit' \}\)/);
  assert.match(kept, /\n {2}size: \[16, 16\],\n {2}validation: 0\.2,\n {2}seed: 7,\n {2}resize: 'pad',\n/);
  assert.match(
    kept,
    /outputs: x \}\);\nawait warmStart\(model, data\); \/\/ The new last layer starts from what the base knows of blue, green, red\.\n\n/,
  );
  const numbers = await script('regression', 'regression', 'more', 'fine-tuning');
  assert.match(numbers, /inUnits\(x, data\) \}\);\nawait warmStart\(model, data\);.* of side\.\n/);
  for (const fresh of [
    await script('classification', 'classification', 'other', 'fine-tuning'),
    await script('classification', 'multi-label', 'same', 'fine-tuning'),
    await script('multi-label', 'multi-label', 'same', 'feature-extraction'),
  ])
    assert.doesNotMatch(fresh, /warmStart/);
});

test('the models of a workspace are offered as bases, with what they know; a damaged one is not', async () => {
  mkdirSync(path.join(folder, 'models', 'damaged'));
  for (const name of ['graft.json', 'model.json']) writeFileSync(path.join(folder, 'models', 'damaged', name), '{}');
  const found = await listSavedModels(folder);
  assert.deepEqual(
    found.map(({ label }) => label).sort(),
    tasks.flatMap((task) => techniques.map((technique) => `models/${task}-${technique}`)).sort(),
  );
  const model = found.find(({ id }) => id === modelOf('regression'));
  assert.deepEqual([model?.size, model?.classes, model?.weights], [[16, 16], ['side'], 'saved']);
  const described = await describeBase(modelOf('regression'));
  assert.equal(described.label, 'regression-fine-tuning');
  assert.deepEqual([described.classes, described.weights], [['side'], 'saved']);
  assert.deepEqual(
    described.freezePoints.map(({ layer }) => layer),
    ['relu', 'out'],
  );
  // The number is scaled in the model, by two constants that are no weights.
  assert.equal(model?.parameters, (await loadModel(modelOf('regression'))).model.countParams());
});
