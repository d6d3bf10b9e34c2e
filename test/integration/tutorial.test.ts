/** The model of Keras's guide on transfer learning (augmentation, preprocessing in the graph, base inside, head), all the way and back. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { before, test } from 'node:test';

import { graft } from '../support/cli.js';
import { exportFolder, graftSays, noPython, parsed } from '../support/exports.js';
import { fixtures } from '../support/made-up.js';
import { patch, temporaryFolder } from '../support/pictures.js';

/** The fixture is made for 6 pixels a side, and pictures of fewer than 8 are none. */
const side = 8;
const classes = { cold: '#2050c0', green: '#30a040', warm: '#c03020' };
/** How the base is trained, and by which script: nothing of it, and its last blocks. */
const scripts: Readonly<Record<string, string>> = {
  features: `const features = await extractFeatures(base, data);
const model = await logisticRegression(features, { l2: 0.1 });
await saveModel(model, 'models/features');`,
  blocks: `freeze(base, { upTo: 'relu1' });
let x = tf.layers.globalAveragePooling2d({}).apply(base.outputs);
x = tf.layers.dense({ units: data.classes.length, activation: 'softmax', name: 'kinds' }).apply(x);
const run = await fit(tf.model({ inputs: base.inputs, outputs: x }), data, { epochs: 4, headEpochs: 2, batchSize: 6, optimizer: adamW(), learningRate: cosine({ peak: 0.01 }), seed: 7 });
await saveModel(run.best, 'models/blocks');`,
};
const pictures: string[] = [];
let workspace = '';

before(async () => {
  workspace = temporaryFolder();
  for (const name of ['tutorial.keras', 'tutorial-2.h5'])
    cpSync(path.join(fixtures, 'layers', name), path.join(workspace, name));
  for (const [c, [name, color]] of Object.entries(classes).entries())
    for (let i = 0; i < 10; i++) {
      const file = path.join(workspace, i < 8 ? 'pictures' : 'new', name, `${i}.png`);
      mkdirSync(path.dirname(file), { recursive: true });
      await patch(color, i + c * 100, side)
        .png()
        .toFile(file);
      if (i >= 8) pictures.push(file);
    }
});

const noKeras: string | false =
  spawnSync('python3', ['-c', 'import keras, numpy, PIL; assert keras.__version__ > "3"'], { stdio: 'ignore' })
    .status === 0
    ? false
    : 'no python3 with Keras 3 and Pillow';

/** Keras's model with what was trained here: weights by layer, the head's apart. */
const back = `import json, os, sys
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras, numpy as np
from PIL import Image
file, folder, *pictures = sys.argv[1:]
whole = keras.models.load_model(file)
side = np.asarray(Image.open(pictures[0])).shape[0]
whole = keras.models.model_from_json(whole.to_json().replace("[null, 6, 6, ", f"[null, {side}, {side}, "))
manifest = json.load(open(os.path.join(folder, "model.json")))
data, at, weights = open(os.path.join(folder, "weights.bin"), "rb").read(), 0, {}
for group in manifest["weightsManifest"]:
    for spec in group["weights"]:
        count = int(np.prod(spec["shape"]))
        weights.setdefault(spec["name"].split("/")[0], []).append(np.frombuffer(data, np.float32, count, at).reshape(spec["shape"]))
        at += 4 * count
for layer in whole.get_layer("mini_base").layers:
    if layer.weights:
        layer.set_weights(weights.pop(layer.name))
[head] = weights.values()
features = keras.Model(whole.inputs, whole.get_layer("pool").output)
x = np.stack([np.asarray(Image.open(picture).convert("RGB"), np.float32) for picture in pictures])
scores = np.asarray(features(x, training=False)) @ head[0] + head[1]
print(json.dumps(np.asarray(keras.ops.softmax(scores)).tolist()))
`;

for (const [base, technique] of [
  ['tutorial.keras', 'features'],
  ['tutorial.keras', 'blocks'],
  ['tutorial-2.h5', 'blocks'],
] as const)
  test(`${base}, ${technique}: trained, saved, exported, and the same numbers in Python`, async (t) => {
    const name = `${technique}-${path.extname(base).slice(1)}`;
    const script =
      `import { adamW, cosine, extractFeatures, fit, freeze, imageFolder, loadBase, logisticRegression, saveModel, tf } from 'graftjs';
const data = await imageFolder('pictures', { size: [${side}, ${side}], seed: 7 });
const base = await loadBase('${base}', { preprocessing: 'none', inputShape: [${side}, ${side}] });
${scripts[technique] ?? ''}`.replace(`models/${technique}`, `models/${name}`);
    writeFileSync(path.join(workspace, `${name}.ts`), script);
    const trained = await graft(workspace, 'train', `${name}.ts`);
    assert.deepEqual([trained.code, trained.error], [0, '']);
    const model = path.join(workspace, 'models', name);
    const ours = [...(await graftSays(model, pictures)).values()];
    assert.equal(ours.length, pictures.length);

    await t.test('ONNX Runtime in Python', { skip: noPython }, async () => {
      const folder = exportFolder();
      const file = path.join(folder, 'm.onnx');
      const exported = await graft(workspace, 'export', model, '--to', 'onnx', '--out', file);
      assert.equal(exported.code, 0, exported.error);
      for (const [i, picture] of pictures.entries()) {
        const { stdout, stderr } = spawnSync('python3', [path.join(folder, 'm.example.py'), picture], {
          encoding: 'utf8',
        });
        near(parsed(stdout), ours[i] ?? [], stderr);
      }
    });

    await t.test(
      'Keras',
      { skip: base === 'tutorial.keras' ? noKeras : 'Keras 3 does not take every file of Keras 2' },
      () => {
        const program = path.join(workspace, 'back.py');
        writeFileSync(program, back);
        const { stdout, stderr } = spawnSync('python3', [program, path.join(workspace, base), model, ...pictures], {
          encoding: 'utf8',
        });
        const theirs = JSON.parse(stdout || 'null') as number[][] | null;
        assert.ok(theirs, stderr);
        theirs.forEach((values, i) => {
          near(values, ours[i] ?? [], pictures[i] ?? '');
        });
      },
    );
  });

function near(found: readonly number[], expected: readonly number[], what: string): void {
  assert.equal(found.length, expected.length, what);
  found.forEach((value, i) => {
    assert.ok(Math.abs(value - (expected[i] ?? NaN)) < 1e-4, `${what}: ${found.join(' ')}, not ${expected.join(' ')}`);
  });
}
