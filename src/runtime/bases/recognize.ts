import type { BaseDefinition } from './definition.js';
import type { LayerWeights } from './files/h5-file.js';
import { fingerprint } from './fingerprint.js';
import { plainName } from './keras/network.js';
import { knownBases } from './known.js';

/** The network whose weights these are, with or without its classifier. */
export function recognize(layers: readonly LayerWeights[]): BaseDefinition | undefined {
  return recognizeAs(plainName, layers) ?? recognizeAs(newName, layers);
}

function recognizeAs(nameOf: (layer: string) => string, layers: readonly LayerWeights[]): BaseDefinition | undefined {
  const all = layers.map(({ layer, weights }) => [nameOf(layer), weights.map(({ shape }) => shape)] as const);
  return knownBases.find(({ weights }) => {
    if (weights === 'bundled') return false;
    const { classifier = ['predictions'] } = weights;
    return fingerprint(all.filter(([layer]) => !classifier.includes(layer))) === weights.fingerprint;
  });
}

/** As Keras 3 spells the layers of MobileNetV3: those in the published files are Keras 2's, such as `Conv/BatchNorm`. */
function newName(layer: string): string {
  return plainName(layer)
    .toLowerCase()
    .replace(/_batchnorm$/, '_bn');
}
