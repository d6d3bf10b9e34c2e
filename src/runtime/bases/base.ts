import { preprocessingText, type ModelEvent, type Task } from '../../protocol/index.js';
import type { ResizeMode } from '../data/image/form.js';
import { pixelsBecome, type Channels, type Preprocessing } from '../data/preprocessing.js';
import { GraftError } from '../../common/errors.js';
import { currentPurpose } from '../run/current.js';
import { tf } from '../tf.js';
import type { SavedExamples } from './saved/saved-examples.js';
import type { SavedHead } from './saved/saved-head.js';

/** What is known about a pre-trained model beyond its graph; it travels with the model through `tf.model(...)`. */
export interface BaseInfo {
  /** For people: `MobileNetV2 (alpha 1.0, ImageNet)`, or the file it came from. */
  readonly name: string;
  readonly preprocessing: Preprocessing;
  /** How that is known, as a sentence; undefined where it needs no word. */
  readonly why?: string;
  /** Where the weights came from: a URL, a path, `random`, or `bundled`. */
  readonly weights: string;
  /** SHA-256 (hex) of the weight file's content; empty for random weights. */
  readonly hash: string;
  readonly licence?: string;
  /** What it had learnt before, where it is a model that Graft saved. */
  readonly saved?: SavedBase;
}

/** What a saved model knows besides the features that it is a base for. */
export interface SavedBase {
  readonly task?: Task;
  readonly classes: readonly string[];
  readonly resize: ResizeMode;
  /** Undefined where its last layer is not the only one on its features. */
  readonly head?: SavedHead | undefined;
  /** Unknown for models of older versions. */
  readonly examples?: SavedExamples | undefined;
  /** Its last layer is part of the base: it was read by `loadModel`. */
  readonly whole?: boolean;
}

const bases = new WeakMap<tf.SymbolicTensor, { model: tf.LayersModel; info: BaseInfo }>();

/** Remembers what a base is, under its input tensor. In a run from scratch, the base forgets what it has learnt. */
export function registerBase(model: tf.LayersModel, info: BaseInfo): tf.LayersModel {
  const input = model.inputs[0];
  if (input === undefined) return model;
  if (currentPurpose() === 'from-scratch' && info.weights !== 'random') {
    drawWeights(model);
    const { name, preprocessing, why, licence } = info;
    const known = { ...(why === undefined ? {} : { why }), ...(licence === undefined ? {} : { licence }) };
    bases.set(input, { model, info: { name, preprocessing, ...known, weights: 'random', hash: '' } });
  } else bases.set(input, { model, info });
  return model;
}

/**
 * Gives every layer new weights, as Keras draws them by default. What a file says of initializers is not asked: whoever loads
 * weights needs none, and is given zeros.
 */
function drawWeights(model: tf.LayersModel): void {
  const drawn = tf.LayersModel.fromConfig(tf.LayersModel, withoutInitializers(model.getConfig()));
  if (!(drawn instanceof tf.LayersModel)) throw new Error('A model is made from its configuration.');
  model.layers.forEach((layer, index) => {
    const from = drawn.layers[index];
    if (from !== undefined && layer.weights.length > 0) layer.setWeights(from.getWeights());
  });
  drawn.dispose();
}

/** What a run's log says of it. */
export function preprocessingOf(
  { preprocessing, why }: BaseInfo,
  channels: Channels,
): NonNullable<ModelEvent['preprocessing']> {
  const pixels = pixelsBecome(preprocessing, channels);
  return { name: preprocessingText(preprocessing), pixels, ...(why === undefined ? {} : { why }) };
}

/** @throws GraftError in a run from scratch whose model stands on no base: there is nothing to prove. */
export function checkForgotten(base: unknown): void {
  if (base !== undefined || currentPurpose() !== 'from-scratch') return;
  throw new GraftError('This script has no pre-trained base, so there is nothing that could have helped.', {
    action: 'Build its model on one: applications.mobileNetV2(…), or loadBase(…).',
  });
}

/**
 * The base that `model` stands on: found through the model's own input, or through a base used as one of its layers.
 * Undefined for a model built from scratch.
 */
export function baseOf(model: tf.LayersModel): { model: tf.LayersModel; info: BaseInfo } | undefined {
  const direct = model.inputs.map((input) => bases.get(input)).find((base) => base !== undefined);
  if (direct !== undefined) return direct;
  for (const layer of model.layers) {
    if (layer instanceof tf.LayersModel) {
      const nested = baseOf(layer);
      if (nested !== undefined) return nested;
    }
  }
  return undefined;
}

function withoutInitializers<T>(config: T): T {
  if (Array.isArray(config)) return config.map(withoutInitializers) as T;
  if (typeof config !== 'object' || config === null) return config;
  const kept = Object.entries(config).filter(([key]) => !/initializer$/i.test(key));
  return Object.fromEntries(kept.map(([key, value]) => [key, withoutInitializers(value as unknown)])) as T;
}
