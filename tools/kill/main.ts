import { mkdirSync, mkdtempSync, rmSync, utimesSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { patch } from '../../test/support/pictures.js';
import { randomOf } from '../break/random.js';
import { moments } from './moment.js';
import { Place, type Trial } from './trial.js';

const { values } = parseArgs({
  options: { seed: { type: 'string', default: '1' }, trials: { type: 'string', default: '40' } },
});
const [seed, trials] = [Number(values.seed), Number(values.trials)];
// As the first process of its namespace it would not end by itself.
process.on('SIGINT', () => process.exit(130));

const root = mkdtempSync(path.join(tmpdir(), 'graft-kill-'));
const data = path.join(root, 'data');
await makeData();

const results: Trial[] = [];
let next = 0;
const began = performance.now();
await Promise.all(
  Array.from({ length: Math.min(trials, availableParallelism(), 2) }, async (_, i) => {
    const place = new Place(path.join(root, `place-${i}`), script());
    const expected = await place.uninterrupted();
    for (let index = next++; index < trials; index = next++) {
      const trial = await place.try(randomOf(seed, index), expected);
      results.push(trial);
      const wrong = [...trial.differences, ...trial.left.map((file) => `left: ${file}`)];
      console.log(
        `${index}: ${trial.kills.join(', ')}${wrong.length === 0 ? '' : `: ${wrong.join(', ')} ${trial.error}`}`,
      );
    }
  }),
);
rmSync(root, { recursive: true, force: true });

const kills = results.flatMap((trial) => trial.kills);
for (const { name } of moments) console.log(`${name.padEnd(18)} ${kills.filter((kill) => kill === name).length}`);
const different = results.filter(({ differences }) => differences.length > 0).length;
const left = results.reduce((sum, trial) => sum + trial.left.length, 0);
const done = kills.filter((kill) => !kill.startsWith('too late')).length;
console.log(`Seed ${seed}, ${Math.round((performance.now() - began) / 1000)} s.`);
console.log(`${trials} trials, ${done} kills, ${different} differences, ${left} files left`);
process.exit(different + left > 0 ? 1 : 0);

/** Enough of it that every phase takes a while. */
async function makeData(): Promise<void> {
  for (const [c, [name, color]] of Object.entries({ blue: '#2050c0', green: '#30a040', red: '#c03020' }).entries()) {
    mkdirSync(path.join(data, name), { recursive: true });
    for (let i = 0; i < 50; i++) {
      const file = path.join(data, name, `${i}.png`);
      await patch(color, i + c * 100, 64)
        .png()
        .toFile(file);
      // What has just changed is not remembered.
      utimesSync(file, 1_700_000_000, 1_700_000_000);
    }
  }
}

/** Everything that draws random numbers is in it. */
function script(): string {
  const base = path.join(
    path.dirname(fileURLToPath(import.meta.url)),
    '..',
    '..',
    'test',
    'fixtures',
    'keras',
    'tiny.h5',
  );
  return `import { adamW, cosine, fit, freeze, imageFolder, loadBase, saveModel, tf } from 'graftjs';
const data = await imageFolder(${JSON.stringify(data)}, { size: [16, 16], seed: 7, augment: { flip: true, rotation: 10, views: 4 } });
const base = await loadBase(${JSON.stringify(base)}, { preprocessing: 'tf' });
freeze(base, { upTo: 'relu' });
let x = tf.layers.globalAveragePooling2d({}).apply(base.outputs) as tf.SymbolicTensor;
x = tf.layers.dropout({ rate: 0.2 }).apply(x) as tf.SymbolicTensor;
x = tf.layers.dense({ units: data.classes.length, activation: 'softmax' }).apply(x) as tf.SymbolicTensor;
const model = tf.model({ inputs: base.inputs, outputs: x });
const run = await fit(model, data, { epochs: 30, headEpochs: 10, batchSize: 8, optimizer: adamW(), learningRate: cosine({ peak: 0.01 }), mixup: 0.2, globalClipnorm: 1 });
await saveModel(run.best, 'model');
`;
}
