import type { Metrics, Task } from '../../protocol/index.js';
import type { SavedExamples } from '../bases/saved/saved-examples.js';
import type { DataKind } from '../data/index.js';
import type { SavedInfo } from '../bases/saved/saved-info.js';
import type { tf } from '../tf.js';

/** A model and everything that its use needs: what `graft.json` holds, and what lies beside it. */
export interface TrainedModel<T extends Task = Task> extends Omit<
  SavedInfo,
  'format' | 'kind' | 'metrics' | 'hashes' | 'created' | 'digest'
> {
  /** Of data. Absent: pictures. */
  readonly kind?: DataKind;
  /** On the validation set. */
  readonly metrics: Metrics<T>;
  /** What the kind's inputs say, preprocessed ([batch, height, width, 3] of pictures) → [batch, classes], probabilities (or [batch, 1], that of the second of two classes), or
   * numbers. */
  readonly model: tf.LayersModel;
  readonly dataHash: string;
  /** What it was trained, validated and tested on. Unknown for models of older versions. */
  readonly examples?: SavedExamples;
}
