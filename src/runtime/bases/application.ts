import type {
  Application,
  ApplicationOptions,
  BaseFacts,
  BuildNetwork,
  BundledOptions,
  NetworkFacts,
} from './definition.js';

// What builds is loaded when a model is wanted: help and lists need the facts alone, without TensorFlow.js.

/** A network of `keras.applications`: its layers as code, its weights in a file. */
export function network(facts: NetworkFacts, build: BuildNetwork): Application<ApplicationOptions> {
  const make = async (options: ApplicationOptions = {}) => {
    const { buildNetwork } = await import('./build/network.js');
    return await buildNetwork(facts, options, build);
  };
  const open = () => make({ includeTop: false });
  const outline = () => make({ weights: null, includeTop: false });
  return Object.assign(make, { definition: { ...facts, open, outline } });
}

/** A base that comes with Graft, layers and weights in files. */
export function bundled(facts: BaseFacts & { readonly weights: 'bundled' }): Application<BundledOptions> {
  const make = async (options: BundledOptions = {}) => {
    const { readBundled } = await import('./build/bundled.js');
    return await readBundled(facts, options);
  };
  const open = () => make();
  return Object.assign(make, { definition: { ...facts, open, outline: open } });
}
