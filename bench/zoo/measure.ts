import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { disposeModel } from '../../src/runtime/bases/dispose.js';
import { plainName } from '../../src/runtime/bases/keras/network.js';
import { loadBase, readModel } from '../../src/runtime/bases/load-base.js';
import { chooseEngine, compile } from '../../src/runtime/engines/index.js';
import {
  isNoisy,
  layersOf,
  programOf,
  shapeOf,
  splitPrefix,
  tapInputs,
  tapName,
  type Program,
} from '../../src/runtime/graph/index.js';
import { messageOf, present } from '../../src/common/errors.js';
import type { FloatTensor } from '../../src/common/tensor.js';
import type { tf } from '../../src/runtime/tf.js';
import { sgd } from '../../src/runtime/train/optimizers.js';
import { restore, snapshot } from '../../src/runtime/train/weights.js';
import {
  modes,
  relativeDifference,
  type Facts,
  type FormatResult,
  type GradientDifference,
  type Outcome,
  type StepMode,
} from './results.js';

/** A power of two, and so large that what a weight was before the step is lost beside it. */
const learningRate = 2 ** 30;

/** What Graft makes of an application's files. */
export async function measureFormats(folder: string, facts: Facts): Promise<Outcome> {
  const numbers = async (name: string) => {
    const bytes = await readFile(path.join(folder, `${name}.f32`));
    return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  };
  const [pictures, labels, features, probabilities, base] = await Promise.all(
    ['input', 'labels', 'features', 'probabilities', 'base'].map(numbers),
  );
  const formats: FormatResult[] = [];
  for (const file of ['model.h5', 'model.keras', 'tfjs/model.json']) {
    const whole = path.join(folder, file);
    if (!existsSync(whole)) continue;
    formats.push(
      await tried(file, async () => ({
        probabilities: await compare(async () => (await readModel(whole)).model, pictures, probabilities),
        features: await compare(() => loadBase(whole), pictures, features),
      })),
    );
  }
  const without = path.join(folder, 'base.keras');
  formats.push(
    await tried('base.keras', async () => ({ features: await compare(() => loadBase(without), pictures, base) })),
  );
  const batch = { pictures: present(pictures, 'Pictures'), labels: present(labels, 'Labels') };
  const steps: Partial<Record<StepMode, Outcome['steps'][StepMode]>> = {};
  for (const mode of modes) {
    try {
      steps[mode] = await compareStep(path.join(folder, 'model.keras'), facts, mode, batch, await numbers(mode));
    } catch (error) {
      steps[mode] = { problem: messageOf(error) };
    }
  }
  return { formats, steps: steps as Outcome['steps'] };
}

async function tried(file: string, work: () => Promise<Omit<FormatResult, 'file'>>): Promise<FormatResult> {
  try {
    return { file, ...(await work()) };
  } catch (error) {
    return { file, problem: messageOf(error) };
  }
}

function batchOf(program: Program, data: Float32Array): FloatTensor {
  const shape = shapeOf(program, present(program.inputs[0], 'An input'));
  return { data, shape: [data.length / shape.reduce((product, size) => product * size, 1), ...shape] };
}

async function run(program: Program, inputs: readonly FloatTensor[]): Promise<FloatTensor[]> {
  const runner = await compile(program, tapInputs(program)).open();
  const results = await runner.run(Object.fromEntries(inputs.map((input, i) => [tapName(i), input])));
  await runner.dispose();
  return results;
}

async function compare(
  load: () => Promise<tf.LayersModel>,
  pictures: Float32Array | undefined,
  expected: Float32Array | undefined,
): Promise<number> {
  const model = await load();
  const program = programOf(model);
  const [result] = await run(program, [batchOf(program, present(pictures, 'Pictures'))]);
  disposeModel(model);
  const found = present(result, 'A result').data;
  const wanted = present(expected, "Keras's numbers");
  if (found.length !== wanted.length)
    throw new Error(
      `[${(program.shapes.get(program.outputs[0] ?? -1) ?? []).join(', ')}] where Keras has ${wanted.length} numbers in all`,
    );
  return relativeDifference(found, wanted);
}

/** One step of fine-tuning whose update is the gradient, as every step of fit computes it. */
async function compareStep(
  file: string,
  facts: Facts,
  mode: StepMode,
  { pictures, labels }: { readonly pictures: Float32Array; readonly labels: Float32Array },
  expected: Float32Array,
): Promise<GradientDifference & { readonly engine: string }> {
  const { model } = await readModel(file);
  const trained = facts.trained.map(([name, shapes]) => [plainName(name), shapes] as const);
  const names = new Set(trained.map(([name]) => name));
  const { prefix, suffix } = splitPrefix(model, (layer) => names.has(layer.name));
  const given = batchOf(programOf(model), pictures);
  const inputs = prefix === undefined ? [given] : await run(prefix, [given]);
  const inference = new Set(
    layersOf(suffix).filter(
      (layer) => isNoisy(layer) || (mode === 'inference' && layer.getClassName() === 'BatchNormalization'),
    ),
  );
  const n = present(given.shape[0], 'A batch');
  const options = {
    loss: { kind: 'categoricalCrossentropy', labelSmoothing: 0 },
    optimizer: sgd({ momentum: 0 }),
    globalClipnorm: undefined,
    batchSize: n,
    inference,
  } as const;
  const engine = chooseEngine('auto');
  const training = engine.compileTraining(suffix, options);
  if (training.refusal !== undefined) throw new Error(`${engine.name} refuses it: ${training.refusal}`);
  const layers = layersOf(suffix);
  const before = await snapshot(layers);
  const trainer = await training.open();
  const batch = {
    inputs,
    labels: { data: labels, shape: [n, labels.length / n] },
    weights: new Float32Array(n).fill(1),
  };
  await trainer.step(batch, { learningRate, seed: 0 });
  await trainer.pull();
  await trainer.dispose();
  const after = await snapshot(layers);
  restore(layers, before);
  const byName = new Map(layers.map((layer) => [layer.name, layer]));
  const all: { found: Float32Array; wanted: Float32Array }[] = [];
  let offset = 0;
  for (const [name, shapes] of trained) {
    const layer = present(byName.get(name), `The layer ${name}`);
    const weights = layer.weights.flatMap((weight, i) => (weight.trainable ? [`${name}/${i}`] : []));
    if (weights.length !== shapes.length)
      throw new Error(`${name} has ${weights.length} weights that train, and in Keras ${shapes.length}`);
    shapes.forEach((shape, i) => {
      const size = shape.reduce((product, side) => product * side, 1);
      const wanted = expected.subarray(offset, (offset += size));
      const [old, moved] = [before, after].map((weight) => present(weight.get(weights[i] ?? ''), name).data);
      all.push({
        found: Float32Array.from(moved ?? [], (value, j) => ((old?.[j] ?? NaN) - value) / learningRate),
        wanted,
      });
    });
  }
  disposeModel(model);
  const largest = all.reduce(
    (most, { wanted }) => wanted.reduce((sofar, value) => Math.max(sofar, Math.abs(value)), most),
    0,
  );
  const differences = all
    .map(({ found, wanted }) => relativeDifference(found, wanted, 1e-3 * largest))
    .sort((a, b) => a - b);
  return {
    largest: present(differences.at(-1), 'A weight'),
    middle: present(differences[Math.floor(differences.length / 2)], 'A weight'),
    engine: engine.name,
  };
}
