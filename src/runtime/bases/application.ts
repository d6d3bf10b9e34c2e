import type {
  Application,
  ApplicationOptions,
  BuildNetwork,
  BundledOptions,
  ImageFacts,
  NetworkFacts,
  NoOptions,
  TextFacts,
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
    kind: 'image' as const,
    open: () => make({ ...facts.arguments, includeTop: false }),
    outline: (options?: ApplicationOptions) =>
      make({ ...facts.arguments, weights: null, includeTop: false, ...options }, true),
  }));
  return Object.assign((options?: Options) => make(options), { definitions });
}

/** A base of pictures that comes with Graft, layers and weights in files. */
export function bundled(facts: Omit<ImageFacts, 'kind' | 'weights'>): Application<BundledOptions> {
  const make = async (options: BundledOptions = {}) => {
    const { readBundled } = await import('./build/bundled.js');
    return await readBundled(facts, options);
  };
  const open = () => make();
  return Object.assign((options?: BundledOptions) => make(options), {
    definitions: [{ ...facts, kind: 'image' as const, weights: 'bundled' as const, open, outline: open }],
  });
}

/** A base of texts that comes with Graft: layers, weights and tokenizer in files. */
export function bundledText(facts: Omit<TextFacts, 'kind' | 'weights'>): Application<NoOptions> {
  const make = async (options: NoOptions = {}) => {
    const { readBundledText } = await import('./build/bundled.js');
    return await readBundledText(facts, options);
  };
  const open = () => make();
  return Object.assign((options?: NoOptions) => make(options), {
    definitions: [{ ...facts, kind: 'text' as const, weights: 'bundled' as const, open, outline: open }],
  });
}
