import type { ImageDataset } from '../data/types.js';
import { layerActivation } from '../engines/logits.js';
import { GraftError, nearest, smallSlip } from '../../common/errors.js';
import { programOf } from '../graph/index.js';
import type { tf } from '../tf.js';
import type { FitPlan } from './options.js';
import type { LossName } from '../specs.js';
import { flatLayers } from '../bases/flat-layers.js';

/** What the model must end in, so that its outputs are probabilities and the loss can be computed from them. */
const endings: Readonly<Record<LossName, readonly string[]>> = {
  categoricalCrossentropy: ['softmax'],
  binaryCrossentropy: ['sigmoid'],
  meanSquaredError: ['softmax', 'sigmoid'],
};

/** @throws GraftError when the model does not fit the data or the options. */
export function checkModel(model: tf.LayersModel, data: ImageDataset, plan: FitPlan): void {
  checkInput(model, data);
  checkOutput(model, data, plan.loss.kind);
  checkMultipliers(model, plan);
}

function checkInput({ inputs }: tf.LayersModel, { size: [height, width] }: ImageDataset): void {
  const expected = [height, width, 3];
  const received = inputs[0]?.shape.slice(1) ?? [];
  const fits = received.every((size, i) => size === null || size === expected[i]);
  if (inputs.length === 1 && received.length === 3 && fits) return;
  throw new GraftError(`fit: the model takes [${received.join(', ')}], the pictures are [${expected.join(', ')}].`, {
    action: `Read the pictures in the model's size: imageFolder(…, { size: [${received.slice(0, 2).join(', ')}] }).`,
  });
}

function checkOutput(model: tf.LayersModel, { classes }: ImageDataset, loss: LossName): void {
  const shape = model.outputs[0]?.shape ?? [];
  const last = programOf(model).steps.at(-1)?.layer;
  const activation = last === undefined ? 'linear' : layerActivation(last);
  const [ending = ''] = endings[loss];
  const action = `End it with tf.layers.dense({ units: data.classes.length, activation: "${ending}" }).`;
  const one = shape[1] === 1 && activation === 'sigmoid' && classes.length === 2;
  if (model.outputs.length !== 1 || shape.length !== 2 || (shape[1] !== classes.length && !one)) {
    const received = `[${shape.slice(1).join(', ')}]`;
    throw new GraftError(`fit: the model ends in ${received}, but the data has ${classes.length} classes.`, { action });
  }
  if (endings[loss].includes(activation)) return;
  throw new GraftError(`fit: the model ends in ${activation}, but ${loss} needs ${endings[loss].join(' or ')}.`, {
    action,
  });
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
