import { existsSync } from 'node:fs';
import path from 'node:path';

import type { EpochRecord, Metrics, Stage } from '../../protocol/index.js';
import type { FloatTensor, OptimizerState } from '../engines/types.js';
import { GraftError } from '../errors.js';
import { readSafetensors, writeSafetensors } from './safetensors.js';
import type { Snapshot } from './weights.js';

/** The best epoch so far. */
export interface Best {
  readonly stage: Stage;
  readonly epoch: number;
  readonly metrics: Metrics;
}

/** Where training is: with the weights and the optimizer's moments, everything that the next step depends on. */
export interface TrainingState {
  /** Index of the stage; equal to the number of stages when training has ended. */
  stage: number;
  /** Epochs finished in this stage. */
  epoch: number;
  /** Steps finished in this epoch. */
  step: number;
  /** Sums over the steps of this epoch. */
  lossSum: number;
  weightSum: number;
  correct: number;
  seen: number;
  /** Milliseconds spent in this epoch. */
  epochMs: number;
  /** Epochs of this stage since the metric or the loss has improved. */
  sinceBest: number;
  /** Lowest validation loss of this stage; null before its first epoch. */
  lowestLoss: number | null;
  best: Best | undefined;
  history: EpochRecord[];
}

export function newState(): TrainingState {
  return {
    stage: 0,
    epoch: 0,
    step: 0,
    lossSum: 0,
    weightSum: 0,
    correct: 0,
    seen: 0,
    epochMs: 0,
    sinceBest: 0,
    lowestLoss: null,
    best: undefined,
    history: [],
  };
}

export interface Checkpoint {
  readonly state: TrainingState;
  readonly weights: Snapshot;
  readonly bestWeights: Snapshot | undefined;
  readonly optimizer: OptimizerState;
}

/** Checkpoint file of the script's training number `index`, relative to the run folder. */
export function checkpointFile(index: number): string {
  return path.posix.join('checkpoints', `training-${index + 1}.safetensors`);
}

/** One file, written atomically: the weights, the best ones, the optimizer's moments and the state. */
export async function saveCheckpoint(
  file: string,
  fingerprint: string,
  { state, weights, bestWeights, optimizer }: Checkpoint,
): Promise<void> {
  const tensors = new Map<string, FloatTensor>();
  for (const [name, tensor] of weights) tensors.set(`weights/${name}`, tensor);
  for (const [name, tensor] of bestWeights ?? []) tensors.set(`best/${name}`, tensor);
  for (const [name, tensor] of optimizer.slots) tensors.set(`slots/${name}`, tensor);
  await writeSafetensors(file, tensors, {
    fingerprint,
    state: JSON.stringify(state),
    optimizerStep: String(optimizer.step),
  });
}

/**
 * Undefined when there is none.
 *
 * @throws GraftError when it belongs to other data, another model or other options, or is damaged.
 */
export async function loadCheckpoint(file: string, fingerprint: string): Promise<Checkpoint | undefined> {
  if (!existsSync(file)) return undefined;
  const { tensors, metadata } = await readSafetensors(file);
  if (metadata['fingerprint'] !== fingerprint) {
    throw new GraftError('The data, the model or the options of fit have changed since the checkpoint was saved.', {
      action: 'Undo the change to resume, or start a new run.',
    });
  }
  const part = (prefix: string) =>
    new Map(
      [...tensors]
        .filter(([name]) => name.startsWith(prefix))
        .map(([name, tensor]) => [name.slice(prefix.length), tensor]),
    );
  const best = part('best/');
  return {
    state: JSON.parse(metadata['state'] ?? '{}') as TrainingState,
    weights: part('weights/'),
    bestWeights: best.size === 0 ? undefined : best,
    optimizer: { step: Number(metadata['optimizerStep']), slots: part('slots/') },
  };
}
