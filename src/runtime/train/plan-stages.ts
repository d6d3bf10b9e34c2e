import type { Stage } from '../../protocol/index.js';
import { GraftError } from '../../common/errors.js';
import type { tf } from '../tf.js';
import type { FitPlan } from './options.js';
import { flatLayers } from '../bases/flat-layers.js';

export interface StagePlan {
  readonly stage: Stage;
  readonly epochs: number;
  /** The layers with weights that train in this stage. */
  readonly trains: ReadonlySet<tf.layers.Layer>;
  /** Times the learning rate. */
  readonly rate: number;
}

/**
 * LP-FT (Kumar et al. 2022): the head alone first when layers of the base are trainable as well, so that a random head
 * does not wreck what the base knows.
 *
 * @param base the pre-trained part; undefined for a model without one, which trains in one stage.
 *
 * @throws GraftError when nothing is trainable.
 */
export function planStages(model: tf.LayersModel, base: tf.LayersModel | undefined, plan: FitPlan): StagePlan[] {
  const inBase = new Set(base === undefined ? [] : flatLayers(base));
  const trainable = flatLayers(model).filter((layer) => layer.trainable && layer.weights.length > 0);
  if (trainable.length === 0) {
    throw new GraftError('fit: every layer with weights is frozen, so there is nothing to train.', {
      action: 'Add a new layer on top of the base, or unfreeze some of it: freeze(base, { upTo: … }).',
    });
  }
  const head = trainable.filter((layer) => !inBase.has(layer));
  if (base === undefined || head.length === trainable.length) {
    return [{ stage: 'head', epochs: plan.epochs, trains: new Set(trainable), rate: 1 }];
  }
  const stages: StagePlan[] = [
    { stage: 'fine-tune', epochs: plan.epochs, trains: new Set(trainable), rate: plan.fineTuneRate },
  ];
  if (plan.headEpochs > 0 && head.length > 0)
    stages.unshift({ stage: 'head', epochs: plan.headEpochs, trains: new Set(head), rate: 1 });
  return stages;
}
