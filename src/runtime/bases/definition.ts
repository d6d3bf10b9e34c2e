import type { Preprocessing } from '../data/preprocessing.js';
import type { tf } from '../tf.js';
import type * as Layers from './build/layers.js';

/** A file of weights at its publisher's address. */
export interface WeightFile {
  readonly url: string;
  /** Hex digest of the whole file; where the publisher gives none, the file must be readable. */
  readonly hash: { readonly algorithm: 'md5' | 'sha256'; readonly digest: string } | undefined;
}

/** What is known of a base without building it. */
export interface BaseFacts {
  /** As the command line, the pickers and errors call it. */
  readonly name: string;
  /** As scripts call it: a function of `applications`. */
  readonly call: string;
  /** What this base is called with besides, where several share a function: `{ alpha: 0.5 }`. */
  readonly arguments?: Readonly<Record<string, number | boolean>>;
  /** For people. */
  readonly label: string;
  /** The architecture, whose bases are listed together. */
  readonly family: string;
  /** [height, width] in pixels that it was trained with. */
  readonly size: readonly [number, number];
  readonly preprocessing: Preprocessing;
  /** Without the classifier. */
  readonly parameters: number;
  /** Fraction of ImageNet's validation pictures whose class it says, as its publisher measured it; undefined where nobody did. */
  readonly accuracy: number | undefined;
  /** Of the weights. */
  readonly licence: string;
  /** Those for ImageNet at their publisher's; or in `models/NAME`, with Graft. */
  readonly weights: PublishedWeights | 'bundled';
  /** How many of its layers have weights. */
  readonly layers: number;
  /** The last layers of its blocks, where freezing makes sense, from the input on; and how many of the layers with weights that freezes. */
  readonly freezePoints: readonly (readonly [layer: string, frozen: number])[];
}

/** Undefined: there is no address, so that the user must give a file. */
interface WeightFiles {
  /** Without the classifier. */
  readonly notop: WeightFile | undefined;
  readonly top: WeightFile | undefined;
}

interface PublishedWeights extends WeightFiles {
  /** Where pictures of other sizes have files of their own: those for height × width. */
  readonly forSize?: (height: number, width: number) => WeightFiles;
  /** Of its layers without the classifier (`fingerprint.ts`): whose weights a file holds that says nothing else. */
  readonly fingerprint: string;
  /** The classifier's layers that have weights. Default `predictions`. */
  readonly classifier?: readonly string[];
}

export interface BaseDefinition extends BaseFacts {
  /** Its pre-trained model, without the classifier. */
  readonly open: () => Promise<tf.LayersModel>;
  /** The same layers, their weights zero: nothing is downloaded. */
  readonly outline: (options?: ApplicationOptions) => Promise<tf.LayersModel>;
}

/**
 * A function of `applications`, which throws a GraftError when the weights cannot be had or do not fit; and what is known of the bases
 * that it makes. (A comment at the signature would hide those of the functions.)
 */
export interface Application<Options> {
  (options?: Options): Promise<tf.LayersModel>;
  readonly definitions: readonly BaseDefinition[];
}

export interface ApplicationOptions {
  /** 'imagenet' (downloaded once, then cached), null for random ones, or the path of an `.h5` file. Default 'imagenet'. */
  readonly weights?: 'imagenet' | null | (string & {});
  /** Whether the classifier is there. Default true, as in Keras; a base for transfer learning has none. */
  readonly includeTop?: boolean;
  /** [height, width, 3] in pixels. Default the size that the network was trained with. */
  readonly inputShape?: readonly [number, number, number];
  /** What follows the last feature map without the classifier. Default null: nothing. */
  readonly pooling?: 'avg' | 'max' | null;
  /** Units of the classifier. Default 1000. */
  readonly classes?: number;
  /** Where downloaded weights are kept. Default: the user's cache folder. */
  readonly cacheDir?: string;
}

export interface WidthOptions extends ApplicationOptions {
  /** Scale of the filters. Default 1. */
  readonly alpha?: number;
}

export interface BundledOptions {
  /** [height, width, 3] in pixels. Default the size that the base was trained with. */
  readonly inputShape?: readonly [number, number, number];
}

/** What a network is built from: [batch, height, width, 3] → its output. */
export type BuildNetwork = (
  layers: typeof Layers,
  input: tf.SymbolicTensor,
  options: NetworkOptions,
) => tf.SymbolicTensor;

interface NetworkOptions {
  readonly includeTop: boolean;
  readonly pooling: 'avg' | 'max' | null;
  readonly classes: number;
  readonly alpha: number;
  readonly minimalistic: boolean;
  /** Whether its weights will be those that were trained on ImageNet. */
  readonly imagenet: boolean;
}

export type NetworkFacts = BaseFacts & {
  readonly weights: PublishedWeights;
  /** The shortest side of a picture that it takes, in pixels. Default 32. */
  readonly smallest?: number;
};
