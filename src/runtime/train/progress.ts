import path from 'node:path';

import type { Stage } from '../../protocol/index.js';
import type { OptimizerState, Trainer } from '../engines/types.js';
import { present, StoppedError } from '../../common/errors.js';
import type { Run } from '../run/run.js';
import type { tf } from '../tf.js';
import { loadCheckpoint, saveCheckpoint } from './checkpoint.js';
import type { Evaluated } from './evaluated.js';
import { newState, type TrainingState } from './training-state.js';
import { countTrainable, restore, snapshot, weightShapes, type Snapshot } from './weights.js';

/** Checkpoints may cost this fraction of the time. */
const costFraction = 0.05;
/** What the first one will cost is not known: a slow disk. */
const assumedBytesPerMs = 50e3;
const minimumMs = 1_000;

/** How far one training is, in memory and on disk. */
export class Progress {
  state: TrainingState = newState();
  bestWeights: Snapshot | undefined;
  /** What the best weights say about the validation set; undefined after a resume. */
  bestEvaluated: Evaluated | undefined;
  /** From a resumed checkpoint, until the trainer of its stage has taken it. */
  #optimizer: OptimizerState | undefined;
  /** Whether there is a checkpoint to go on from. */
  #isSaved = false;
  #savedAt = performance.now();
  #costMs: number;

  constructor(
    private readonly run: Run,
    /** Relative to the run folder. */
    private readonly file: string,
    private readonly fingerprint: string,
    private readonly stages: readonly Stage[],
    /** The layers whose weights can change in any stage. */
    private readonly layers: readonly tf.layers.Layer[],
  ) {
    // Weights and two moments of each.
    this.#costMs = (countTrainable(layers) * 3 * 4) / assumedBytesPerMs;
  }

  /** No stage is left to train. */
  get ended(): boolean {
    return this.state.stage === this.stages.length;
  }

  /** The stages, one for each of ours, that are still to be opened: the last one also where training has ended, since it evaluates. */
  left<T>(stages: readonly T[]): T[] {
    return stages.slice(this.ended ? -1 : this.state.stage);
  }

  /** Goes to where the checkpoint of an earlier execution was, if there is one. */
  async resume(): Promise<void> {
    const file = path.join(this.run.folder, this.file);
    const checkpoint = await loadCheckpoint(file, {
      fingerprint: this.fingerprint,
      stages: this.stages.length,
      shapes: weightShapes(this.layers),
    });
    if (checkpoint === undefined) {
      this.run.warn('There is no checkpoint of this training: it starts from its beginning.');
      return;
    }
    if (checkpoint.fallback !== undefined)
      this.run.warn(`${checkpoint.fallback} Training goes on from the checkpoint before it.`);
    this.#isSaved = true;
    this.state = checkpoint.state;
    this.bestWeights = checkpoint.bestWeights;
    this.#optimizer = checkpoint.optimizer;
    restore(this.layers, checkpoint.weights);
  }

  /** What was thrown while a stage was opened: who is stopped there goes on from an earlier checkpoint, where there is one. */
  whileOpening(error: unknown): unknown {
    const isUnsaved = error instanceof StoppedError && error.checkpoint === undefined;
    return isUnsaved && this.#isSaved ? new StoppedError('Stopped. A checkpoint is saved.', this.file) : error;
  }

  /** Gives a new trainer the optimizer's moments of the checkpoint, once. */
  async startTrainer(trainer: Trainer): Promise<void> {
    if (this.#optimizer !== undefined) await trainer.restoreOptimizer(this.#optimizer);
    this.#optimizer = undefined;
    // What was done before the first step lies in the cache, and needs no checkpoint.
    this.#savedAt = performance.now();
  }

  async keepBest(trainer: Trainer, evaluated: Evaluated): Promise<void> {
    this.bestEvaluated = evaluated;
    await trainer.pull();
    this.bestWeights = await snapshot(this.layers);
  }

  /** The next stage starts from the best epoch's weights, with fresh moments: they belong to other weights. */
  async endStage(trainer: Trainer): Promise<void> {
    Object.assign(this.state, { stage: this.state.stage + 1, epoch: 0, sinceBest: 0, lowestLoss: null });
    await this.restoreBest(trainer);
    await this.save(trainer, { step: 0, slots: new Map() });
  }

  /** Goes on from the best epoch's weights: at the end of a stage, and of training. */
  async restoreBest(trainer: Trainer): Promise<void> {
    if (this.takeBest()) await trainer.push();
  }

  /** Gives the layers the best epoch's weights. False where no epoch has ended. */
  takeBest(): boolean {
    if (this.bestWeights !== undefined) restore(this.layers, this.bestWeights);
    return this.bestWeights !== undefined;
  }

  /** Asked for, or enough time has passed that the cost stays small. */
  due(): boolean {
    const waited = performance.now() - this.#savedAt;
    return this.run.control.checkpointRequested || waited > Math.max(minimumMs, this.#costMs / costFraction);
  }

  /** Returns the file, relative to the run folder. */
  async save(trainer: Trainer, fresh?: OptimizerState): Promise<string> {
    const start = performance.now();
    await trainer.pull();
    const { state, bestWeights } = this;
    const checkpoint = {
      state,
      weights: await snapshot(this.layers),
      bestWeights,
      optimizer: fresh ?? (await trainer.optimizerState()),
    };
    await saveCheckpoint(path.join(this.run.folder, this.file), this.fingerprint, checkpoint);
    this.run.control.checkpointRequested = false;
    this.#isSaved = true;
    this.#savedAt = performance.now();
    this.#costMs = this.#savedAt - start;
    this.run.emit({
      type: 'checkpoint',
      file: this.file,
      // After the last stage there is no next one.
      stage: present(this.stages[Math.min(state.stage, this.stages.length - 1)], 'The stage'),
      epoch: state.epoch,
      step: state.step,
    });
    return this.file;
  }
}
