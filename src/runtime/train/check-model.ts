import type { Task } from '../../protocol/index.js';
import { baseOf, type BaseInfo } from '../bases/base.js';
import type { ImageDataset } from '../data/types.js';
import { layerActivation } from '../engines/logits.js';
import { GraftError, nearest, present, smallSlip } from '../../common/errors.js';
import { programOf } from '../graph/index.js';
import type { Run } from '../run/run.js';
import { taskDefinitions } from '../tasks/index.js';
import type { tf } from '../tf.js';
import type { FitPlan } from './options.js';
import { flatLayers } from '../bases/flat-layers.js';

/** @throws GraftError when the model does not fit the data or the options. */
export function checkModel(model: tf.LayersModel, data: ImageDataset<Task>, plan: FitPlan): void {
  checkInput(model, data);
  checkOutput(model, data, plan);
  checkMultipliers(model, plan);
}

function checkInput({ inputs }: tf.LayersModel, { size: [height, width] }: ImageDataset<Task>): void {
  const expected = [height, width, 3];
  const received = inputs[0]?.shape.slice(1) ?? [];
  const fits = received.every((size, i) => size === null || size === expected[i]);
  if (inputs.length === 1 && received.length === 3 && fits) return;
  throw new GraftError(`fit: the model takes [${received.join(', ')}], the pictures are [${expected.join(', ')}].`, {
    action: `Read the pictures in the model's size: imageFolder(…, { size: [${received.slice(0, 2).join(', ')}] }).`,
  });
}

/** Its outputs must be what the loss can be computed from, and the task's figures. */
function checkOutput(model: tf.LayersModel, { task, classes }: ImageDataset<Task>, { loss: { kind } }: FitPlan): void {
  const definition = taskDefinitions[task];
  const { endings } = present(
    definition.losses.find(({ loss }) => loss === kind),
    'The loss',
  );
  const shape = model.outputs[0]?.shape ?? [];
  const last = programOf(model).steps.at(-1)?.layer;
  const activation = last === undefined ? 'linear' : layerActivation(last);
  const ending = `End it with tf.layers.dense({ units: data.classes.length, activation: "${endings[0]}" }).`;
  const action =
    wholeModel(model) === undefined ? ending : `Take it as a base, without its last layer: loadBase('…'). ${ending}`;
  const fits = definition.fits(shape[1] ?? 0, classes, activation);
  if (model.outputs.length !== 1 || shape.length !== 2 || !fits) {
    const received = `[${shape.slice(1).join(', ')}]`;
    throw new GraftError(`fit: ${definition.misfit(received, classes)}.`, { action });
  }
  if (endings.includes(activation)) return;
  throw new GraftError(`fit: the model ends in ${activation}, but ${kind} needs ${endings.join(' or ')}.`, {
    action,
  });
}

/** What a model that was read by `loadModel` knows. */
function wholeModel(model: tf.LayersModel): BaseInfo | undefined {
  const info = baseOf(model)?.info;
  return info?.saved?.whole === true ? info : undefined;
}

/** A saved model that goes on with other classes: its last layer begins with what it knew of its own. */
export function warnOfOtherNames(run: Run, model: tf.LayersModel, info: BaseInfo, data: ImageDataset<Task>): void {
  const own = wholeModel(model)?.saved?.classes;
  if (own === undefined || own.join('\0') === data.classes.join('\0')) return;
  run.warn(
    `${info.name} was trained for ${own.join(', ')}, and the data has ${data.classes.join(', ')}: its last layer starts from what it knew of the others.`,
    "Take it as a base, and keep by name what it knows: loadBase('…'), then warmStart(model, data).",
  );
}

function checkMultipliers(model: tf.LayersModel, { learningRateMultipliers }: FitPlan): void {
  const names = flatLayers(model).map(({ name }) => name);
  const unknown = Object.keys(learningRateMultipliers).find((name) => !names.includes(name));
  if (unknown === undefined) return;
  const guess = nearest(unknown, names, smallSlip);
  throw new GraftError(`fit: learningRateMultipliers names the layer "${unknown}", which the model does not have.`, {
    action: guess === undefined ? 'Use names from model.summary().' : `Did you mean "${guess}"?`,
  });
}
