import path from 'node:path';

import { preprocessingText, tasks, type LayerRow, type Metrics, type ModelDescription } from '../../protocol/index.js';
import { metricWords, numbersOf, translator } from '../../words/index.js';
import { disposeModel } from '../bases/dispose.js';
import { outputShapes } from '../bases/files/build-model.js';
import { readH5 } from '../bases/files/h5-file.js';
import { modelKind } from '../bases/files/model-kind.js';
import { classesOf, readTeachable } from '../bases/files/teachable.js';
import { plainName } from '../bases/keras/network.js';
import { readModel } from '../bases/load-base.js';
import { isSaved } from '../bases/saved/saved-folder.js';
import { readSavedInfo } from '../bases/saved/saved-info.js';
import { readOnnx } from '../graph/onnx-file.js';
import { parseJson } from '../../common/read-file.js';
import type { tf } from '../tf.js';

/**
 * The layers of a model file: `.onnx`, `.keras`, `.h5`, or a TensorFlow.js `model.json`.
 *
 * @throws GraftError for a file that is missing, damaged or of another kind.
 */
export async function describeModel(file: string): Promise<ModelDescription> {
  const kind = await modelKind(file);
  if (kind === 'onnx' || (kind === undefined && path.extname(file).toLowerCase() === '.onnx'))
    return await describeOnnx(file);
  if (kind === 'hdf5') {
    const { config, layers } = await readH5(file);
    if (config === undefined) {
      const rows = layers
        .filter(({ weights }) => weights.length > 0)
        .map(({ layer, weights }): LayerRow => {
          const parameters = weights.reduce((sum, { data }) => sum + (data?.length ?? 0), 0);
          return { name: plainName(layer), type: 'weights', outputShape: [], parameters };
        });
      return { ...totals(file, 'Keras weights (.h5)', rows), facts: { Holds: 'weights alone, without the layers' } };
    }
  }
  const { model } = await readModel(file);
  const rows = model.layers.map(rowOf);
  const [input, output] = [model.inputs[0]?.shape, model.outputs[0]?.shape];
  disposeModel(model);
  const format = kind === 'tfjs' ? 'TensorFlow.js layers model' : kind === 'keras' ? 'Keras 3' : 'Keras (.h5)';
  const { classes, task, ...besides } = isSaved(file) ? await savedFacts(file) : await teachableFacts(file, model);
  const facts = { Input: shapeText(input ?? []), Output: shapeText(output ?? []) };
  return {
    ...totals(file, format, rows),
    ...(classes === undefined ? {} : { classes }),
    ...(task === undefined ? {} : { task }),
    facts: { ...facts, ...besides.facts },
  };
}

async function describeOnnx(file: string): Promise<ModelDescription> {
  const { producer, opset, nodes, inputs, outputs, metadata } = await readOnnx(file);
  const ports = (values: typeof inputs) => values.map(({ name, shape }) => `${name} ${shapeText(shape)}`).join(', ');
  const { classes: text, ...others } = metadata;
  const classes = classesIn(text);
  const facts = {
    ...others,
    // Another program's metadata may call something else so.
    ...(text === undefined || classes !== undefined ? {} : { classes: text }),
    // What the file says of itself never stands for what was read in it.
    Input: ports(inputs),
    Output: ports(outputs),
    ...(producer === '' ? {} : { 'Made by': producer }),
    Opset: String(opset),
  };
  const task = tasks.find((one) => one === metadata['task']);
  return {
    ...totals(file, 'ONNX', nodes),
    ...(classes === undefined ? {} : { classes }),
    ...(task === undefined ? {} : { task }),
    facts,
  };
}

/** As `exportOnnx` writes them: a list in JSON. */
function classesIn(text: string | undefined): readonly string[] | undefined {
  try {
    const value = text === undefined ? undefined : parseJson(text, 'classes');
    return namesIn(value);
  } catch {
    return undefined;
  }
}

function namesIn(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) && value.every((name) => typeof name === 'string') ? value : undefined;
}

function rowOf(layer: tf.layers.Layer): LayerRow {
  return {
    name: layer.name,
    type: layer.getClassName(),
    outputShape: outputShapes(layer)[0] ?? [],
    parameters: layer.countParams(),
    trainable: layer.trainable,
  };
}

function totals(file: string, format: string, layers: readonly LayerRow[]) {
  return { file, format, layers, parameters: layers.reduce((sum, { parameters }) => sum + parameters, 0) };
}

function shapeText(shape: readonly (number | null)[]): string {
  return `[${shape.map((size) => size ?? 'N').join(' × ')}]`;
}

/** Those that are numbers: a metric that is none is null in JSON. */
function figureFacts(metrics: Metrics): Record<string, string> {
  const [first] = metricWords(translator({}), numbersOf('en'), metrics);
  const value = first?.of(metrics) ?? NaN;
  return first === undefined || !Number.isFinite(value) ? {} : { [first.name]: first.text(value) };
}

type Besides = Partial<Pick<ModelDescription, 'classes' | 'task' | 'facts'>>;

/** What Teachable Machine wrote beside a model that it exported. */
async function teachableFacts(file: string, model: tf.LayersModel): Promise<Besides> {
  const info = await readTeachable(file);
  if (info === undefined) return {};
  const { imageSize: side } = info;
  const classes = classesOf(info, model);
  const pictures = side === undefined ? {} : { Pictures: `${side} × ${side}` };
  const facts = { 'Made by': 'Teachable Machine', ...pictures };
  return { ...(classes === undefined ? {} : { classes, task: 'classification' }), facts };
}

/** What Graft wrote beside a model that it saved. */
async function savedFacts(file: string): Promise<Besides> {
  const { classes, task, preprocessing, frozenUpTo, metrics } = await readSavedInfo(
    path.join(path.dirname(file), 'graft.json'),
  );
  const facts = {
    Preprocessing: preprocessingText(preprocessing),
    ...(frozenUpTo === undefined ? {} : { 'Frozen up to': frozenUpTo }),
    ...figureFacts(metrics),
  };
  return { classes, ...(task === undefined ? {} : { task }), facts };
}
