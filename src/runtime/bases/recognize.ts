import type { BaseDefinition } from './definition.js';
import { automatic } from './files/assign.js';
import type { LayerWeights } from './files/h5-file.js';
import { fingerprint } from './fingerprint.js';
import { newName, plainName } from './keras/network.js';
import { knownBases } from './known.js';

/** The network whose weights these are, with or without its classifier. */
export function recognize(file: readonly LayerWeights[]): BaseDefinition | undefined {
  const layers = file.flatMap(unfolded);
  return recognizeAs(plainName, layers) ?? recognizeAs(newName, layers) ?? recognizeAs(numberedAnew(layers), layers);
}

/** A model within ConvNeXt, whose weights Keras 2 writes as one list, as its layers. */
function unfolded(entry: LayerWeights): LayerWeights[] {
  const { layer, weights } = entry;
  const [, network, part, end = ''] = /^(convnext_\w+)_(stem|downsampling)(?:_block)?(_\d)?$/.exec(layer) ?? [];
  if (network === undefined || part === undefined || weights.length !== 4) return [entry];
  const kinds = part === 'stem' ? ['conv', 'layernorm'] : ['layernorm', 'conv'];
  return kinds.map((kind, i) => ({
    layer: `${network}_${part}_${kind}${end}`,
    weights: weights.slice(2 * i, 2 * i + 2),
  }));
}

/** Keras counts the layers that nobody has named on from one model to the next: as if this had been the first one. */
function numberedAnew(layers: readonly LayerWeights[]): (layer: string) => string {
  const numbers = new Map<string, number[]>();
  const read = (layer: string) => {
    const [, kind, end] = automatic.exec(layer) ?? [];
    return kind === undefined ? undefined : { kind, number: Number(end?.slice(1) ?? 0) };
  };
  for (const { layer, weights } of layers) {
    const found = weights.length === 0 ? undefined : read(layer);
    if (found !== undefined) numbers.set(found.kind, [...(numbers.get(found.kind) ?? []), found.number]);
  }
  for (const list of numbers.values()) list.sort((a, b) => a - b);
  return (layer) => {
    const found = read(layer);
    const index = found === undefined ? -1 : (numbers.get(found.kind)?.indexOf(found.number) ?? -1);
    if (found === undefined || index === -1) return plainName(layer);
    return index === 0 ? found.kind : `${found.kind}_${index}`;
  };
}

function recognizeAs(nameOf: (layer: string) => string, layers: readonly LayerWeights[]): BaseDefinition | undefined {
  const all = layers.map(({ layer, weights }) => [nameOf(layer), weights.map(({ shape }) => shape)] as const);
  return knownBases.find(({ weights }) => {
    if (weights === 'bundled') return false;
    const { classifier = ['predictions'] } = weights;
    return fingerprint(all.filter(([layer]) => !classifier.includes(layer))) === weights.fingerprint;
  });
}
