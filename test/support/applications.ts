import { readFileSync } from 'node:fs';
import path from 'node:path';

import { digest, fingerprint } from '../../src/runtime/bases/fingerprint.js';
import { tf } from '../../src/runtime/tf.js';
import { fixtures, madeUp } from './made-up.js';

/** What Keras says of one of its applications (test/fixtures/keras/make_applications.py). */
export interface KerasApplication {
  /** Digests of the layers, with and without the classifier: of those that have weights with the shapes, of all names, and of those with weights in their order. */
  readonly top: LayerDigests;
  readonly notop: LayerDigests;
  readonly parameters: number;
  /** Of the picture whose features these are: each `step`-th channel's mean; the largest of all. */
  readonly side: number;
  readonly step: number;
  readonly largest: number;
  readonly pooled: readonly number[];
}

export interface LayerDigests {
  readonly weights: string;
  readonly names: string;
  readonly order?: string;
}

export function kerasApplications(): Readonly<Record<string, KerasApplication>> {
  return JSON.parse(readFileSync(path.join(fixtures, 'applications.json'), 'utf8')) as Record<string, KerasApplication>;
}

export function digestsOf(model: tf.LayersModel): LayerDigests {
  const layers = model.layers.filter((layer) => layer.getClassName() !== 'InputLayer');
  return {
    weights: fingerprint(layers.map((layer) => [layer.name, layer.weights.map(({ shape }) => shape)])),
    names: digest(layers.map(({ name }) => name).sort()),
    order: digest(layers.filter(({ weights }) => weights.length > 0).map(({ name }) => name)),
  };
}

/** Gives every weight its made-up values, as make_applications.py does. */
export function fill(model: tf.LayersModel): tf.LayersModel {
  for (const layer of model.layers) {
    if (layer.weights.length === 0) continue;
    tf.tidy(() => {
      layer.setWeights(
        layer.weights.map((weight) => {
          const shape = weight.shape.map(Number);
          const kind = weight.originalName.split('/').at(-1) ?? '';
          return tf.tensor(madeUp(layer.name, kind, shape, 4099), shape);
        }),
      );
    });
  }
  return model;
}
