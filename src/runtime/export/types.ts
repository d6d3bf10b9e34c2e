import type { Metrics, Technique } from '../../protocol/index.js';
import type { SavedExamples } from '../applications/saved-examples.js';
import type { Preprocessing } from '../data/preprocessing.js';
import type { ResizeMode } from '../data/types.js';
import type { tf } from '../tf.js';
import type { LossName } from '../train/specs.js';

/** A model and everything that its use needs: what `graft.json` holds beside `model.json`. */
export interface TrainedModel {
  /** [batch, height, width, 3], preprocessed → [batch, classes], probabilities; or [batch, 1], that of the second of two classes. */
  readonly model: tf.LayersModel;
  readonly classes: readonly string[];
  /** [height, width] in pixels. */
  readonly size: readonly [number, number];
  readonly resize: ResizeMode;
  readonly preprocessing: Preprocessing;
  readonly base: { readonly name: string; readonly hash: string };
  /** What it was trained with. Default `categoricalCrossentropy`. */
  readonly loss?: LossName;
  readonly technique: Technique;
  readonly frozenUpTo?: string;
  /** On the validation set. */
  readonly metrics: Metrics;
  /** Id of the run that made it. */
  readonly run: string;
  readonly dataHash: string;
  /** What it was trained, validated and tested on. Unknown for models of older versions. */
  readonly examples?: SavedExamples;
  readonly seed: number;
}
