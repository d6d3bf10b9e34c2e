import { baseOf, type BaseInfo } from '../bases/base.js';
import type { Dataset } from '../data/types.js';
import { layerActivation } from '../engines/logits.js';
import { GraftError, nearest, present, smallSlip } from '../../common/errors.js';
import { programOf } from '../graph/index.js';
import type { Run } from '../run/run.js';
import { taskDefinitions } from '../tasks/index.js';
import type { tf } from '../tf.js';
import type { FitPlan } from './options.js';
import { flatLayers } from '../bases/flat-layers.js';

/** @throws GraftError when the model does not fit the data or the options. */
export function checkModel(model: tf.LayersModel, data: Dataset, plan: FitPlan): void {
  checkInputs('fit', model, data);
  checkOutput(model, data, plan);
  checkMultipliers(model, plan);
}

/** @throws GraftError when it takes other inputs than examples of this data. */
export function checkInputs(who: string, model: tf.LayersModel, data: Dataset): void {
  // What becomes of the numbers changes the last axis at most.
  const expected = data.kind
    .inputs(data, 'none', model)
    .map(({ shape, channels }) => [...shape.slice(0, -1), channels?.scale.length ?? shape.at(-1) ?? null]);
  const received = model.inputs.map((input) => input.shape.slice(1));
  const fits = (shape: readonly (number | null)[], wanted: readonly (number | null)[] = []) =>
    shape.length === wanted.length && shape.every((size, axis) => size === null || size === wanted[axis]);
  if (received.length === expected.length && received.every((shape, i) => fits(shape, expected[i]))) return;
  const { words } = data.kind;
  const written = (shapes: readonly (readonly (number | null)[])[]) =>
    shapes.map((shape) => `[${shape.map((size) => size ?? '?').join(', ')}]`).join(' and ');
  throw new GraftError(`${who}: the model takes ${written(received)}, the ${words.many} are ${written(expected)}.`, {
    action: `Read the ${words.many} in the model's size: ${data.kind.readerFor(received[0] ?? [])}.`,
  });
}

/** Its outputs must be what the loss can be computed from, and the task's figures. */
function checkOutput(model: tf.LayersModel, { task, classes }: Dataset, { loss: { kind } }: FitPlan): void {
  const definition = taskDefinitions[task];
  const { activations } = present(
    definition.losses.find(({ loss }) => loss === kind),
    'The loss',
  );
  const shape = model.outputs[0]?.shape ?? [];
  const last = programOf(model).steps.at(-1)?.layer;
  const activation = last === undefined ? 'linear' : layerActivation(last);
  const ending = `End it with tf.layers.dense({ units: data.classes.length, activation: "${activations[0]}" }).`;
  const action =
    wholeModel(model) === undefined ? ending : `Take it as a base, without its last layer: loadBase('…'). ${ending}`;
  const fits = definition.fits(shape[1] ?? 0, classes, activation);
  if (model.outputs.length !== 1 || shape.length !== 2 || !fits) {
    const received = `[${shape.slice(1).join(', ')}]`;
    throw new GraftError(`fit: ${definition.misfit(received, classes)}.`, { action });
  }
  if (activations.includes(activation)) return;
  throw new GraftError(`fit: the model ends in ${activation}, but ${kind} needs ${activations.join(' or ')}.`, {
    action,
  });
}

/** What a model that was read by `loadModel` knows. */
function wholeModel(model: tf.LayersModel): BaseInfo | undefined {
  const info = baseOf(model)?.info;
  return info?.saved?.whole === true ? info : undefined;
}

/** A saved model that goes on with other classes: its last layer begins with what it knew of its own. */
export function warnOfOtherNames(run: Run, model: tf.LayersModel, info: BaseInfo, data: Dataset): void {
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
