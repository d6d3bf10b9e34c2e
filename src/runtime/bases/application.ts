import type {
  Application,
  ApplicationOptions,
  BaseFacts,
  BuildNetwork,
  BundledOptions,
  NetworkFacts,
} from './definition.js';

// What builds is loaded when a model is wanted: help and lists need the facts alone, without TensorFlow.js.

/**
 * A network of `keras.applications`: its layers as code, its weights in a file.
 *
 * @param bases all that have published weights, the first without `arguments`.
 */
export function network<Options extends ApplicationOptions = ApplicationOptions>(
  bases: readonly NetworkFacts[],
  build: BuildNetwork,
): Application<Options> {
  const make = async (options: ApplicationOptions = {}, outline = false) => {
    const { buildNetwork } = await import('./build/network.js');
    return await buildNetwork(bases, options, build, outline);
  };
  const definitions = bases.map((facts) => ({
    ...facts,
    open: () => make({ ...facts.arguments, includeTop: false }),
    outline: (options?: ApplicationOptions) =>
      make({ ...facts.arguments, weights: null, includeTop: false, ...options }, true),
  }));
  return Object.assign((options?: Options) => make(options), { definitions });
}

/** A base that comes with Graft, layers and weights in files. */
export function bundled(facts: BaseFacts & { readonly weights: 'bundled' }): Application<BundledOptions> {
  const make = async (options: BundledOptions = {}) => {
    const { readBundled } = await import('./build/bundled.js');
    return await readBundled(facts, options);
  };
  const open = () => make();
  return Object.assign((options?: BundledOptions) => make(options), {
    definitions: [{ ...facts, open, outline: open }],
  });
}
