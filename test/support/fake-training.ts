/** Trainings whose trainer is made up: all that the loop decides can be seen, and nothing is computed. */
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';

import type { EpochRecord, Stage, Task } from '../../src/protocol/index.js';
import { dataKinds, type ImageDataset, type ImageExample, type Item } from '../../src/runtime/data/index.js';
import type { Batch, OptimizerState, StepOptions, StepResult, Trainer } from '../../src/runtime/engines/types.js';
import type { NewEvent } from '../../src/runs/event-codec.js';
import { ownFolders } from '../../src/runs/own-folder.js';
import { Run } from '../../src/runtime/run/run.js';
import type { FloatTensor } from '../../src/common/tensor.js';
import { tf } from '../../src/runtime/tf.js';
import { checkpointFile } from '../../src/runtime/train/checkpoint.js';
import type { CompiledStage } from '../../src/runtime/train/compile-stage.js';
import { planOf, type FitOptions, type FitPlan } from '../../src/runtime/train/options.js';
import { Progress } from '../../src/runtime/train/progress.js';
import type { TrainedStages } from '../../src/runtime/train/train-stages.js';
import { trainStages } from '../../src/runtime/train/train-stages.js';
import type { TrainingState } from '../../src/runtime/train/training-state.js';

// Each run says at the process's end that it is over.
process.setMaxListeners(0);

export interface FakeOptions extends Partial<FitOptions<Task>> {
  /** Default: the head alone. */
  readonly stages?: readonly Stage[];
  /** How many examples there are to train, to validate and to test with. Default 8, 4 and 0. */
  readonly sides?: readonly [number, number, number];
  /**
   * The probability of the right class that each epoch's weights give the validation pictures, all of them or one by one, by the number of
   * the epoch in the history, from 0. Default: something that depends on every step before.
   */
  readonly says?: readonly (number | readonly number[])[];
}

/** What a hook may do at a moment besides throwing. */
export interface At {
  readonly run: Run;
  readonly progress: Progress;
}

/**
 * Called at each moment of a training, which are `activations STAGE`, `open STAGE`, `restore`, `step STAGE EPOCH.STEP`, `predict STAGE EPOCH`, `predict at the
 * end`, `pull`, `close STAGE`, `close source`. A number that it returns is the loss of that step.
 */
export type Hook = (moment: string, at: At) => unknown;

export interface FakeStep extends StepOptions {
  readonly moment: string;
  /** Ids of the examples. */
  readonly ids: readonly number[];
}

export interface FakeOutcome {
  readonly result: TrainedStages | undefined;
  readonly error: Error | undefined;
  readonly state: TrainingState;
  /** Its times are 0. */
  readonly history: readonly EpochRecord[];
  /** Of the layer, at the end. */
  readonly weights: readonly number[];
  readonly steps: readonly FakeStep[];
  readonly moments: readonly string[];
  readonly events: readonly NewEvent[];
  /** What was not closed, and what was closed while it was used. */
  readonly leaks: readonly string[];
}

const classes = ['a', 'b'];

function examplesFrom(first: number, count: number): ImageExample[] {
  return Array.from({ length: count }, (_, i) => {
    const id = String(first + i);
    return { id, label: (first + i) % 2, hash: id, source: { kind: 'file', path: id } };
  });
}

function dataOf([train, validation, test]: readonly [number, number, number], seed = 1): ImageDataset {
  const examples = {
    train: examplesFrom(0, train),
    validation: examplesFrom(100, validation),
    test: examplesFrom(200, test),
  };
  // The loop asks for nothing else of it.
  return {
    ...examples,
    task: 'classification',
    classes,
    seed,
    kind: dataKinds.image,
    augment: undefined,
    classWeights: [1, 1],
  } as unknown as ImageDataset;
}

/** A run in `folder`, resumed where there is one already, and what it tells, before that is throttled. */
export async function fakeRun(folder: string): Promise<{ readonly run: Run; readonly events: readonly NewEvent[] }> {
  const workspace = path.dirname(folder);
  const script = path.join(workspace, 'a.ts');
  if (!existsSync(script)) writeFileSync(script, '');
  const resumed = existsSync(path.join(folder, 'run.json'));
  const run = await Run.open({
    ...{ folder, script, arguments: [], workspace, engine: 'auto', purpose: 'train', resumed },
  });
  // That this process executes it: every later one would look through the records of all before it.
  for (const own of ownFolders())
    for (const end of ['json', 'sock']) rmSync(path.join(own, `${run.info.nonce}.${end}`), { force: true });
  const events: NewEvent[] = [];
  run.log.emit = (event) => void events.push(event);
  return { run, events };
}

/** Trains in the run's folder; goes on with what is in it. */
export async function fakeTraining(
  folder: string,
  options: FakeOptions,
  hook: Hook = () => undefined,
): Promise<FakeOutcome> {
  const { stages = ['head'], says, sides = [8, 4, 0], ...asked } = options;
  const { run, events } = await fakeRun(folder);
  const data = dataOf(sides, asked.seed);
  const fit: FitOptions<Task> = { epochs: 2, batchSize: 4, learningRate: 0.1, ...asked };
  const plan = planOf(fit, data, true);
  const layer = tf.layers.dense({ units: 1, name: 'fake' });
  layer.build([null, 1]);
  tf.tidy(() => {
    layer.setWeights([tf.tensor2d([-1], [1, 1]), tf.tensor1d([0.5])]);
  });
  const progress = new Progress(run, checkpointFile(0), JSON.stringify(plan), stages, [layer]);
  const moments: string[] = [];
  const steps: FakeStep[] = [];
  const open = new Set<string>();
  const leaks: string[] = [];
  const reach = (moment: string) => {
    moments.push(moment);
    const said = hook(moment, { run, progress });
    return typeof said === 'number' ? said : undefined;
  };

  const compiled = stages.map((stage): CompiledStage => ({
    stage: { stage, ...epochsOf(stage, stages, plan), trains: new Set([layer]), rate: 1 },
    prefix: undefined,
    trains: new Set([layer]),
    engine: { name: 'wasm', reason: '', compile: () => ({ refusal: '' }), compileTraining: () => ({ refusal: '' }) },
    training: {
      memory: 'unknown',
      open: () => {
        reach(`open ${stage}`);
        open.add(stage);
        return Promise.resolve(new FakeTrainer({ stage, layer, progress, says, reach, steps, close: open }));
      },
    },
  }));
  let opened = 0;
  const activations = () => {
    const of = progress.left([...stages])[0] ?? '';
    const stage = `source of ${of} ${++opened}`;
    reach(`activations ${of}`);
    run.checkStopped();
    let [busy, closed] = [0, false];
    open.add(stage);
    return Promise.resolve({
      cached: 0,
      unreadable: [],
      source: {
        async batch(items: readonly Item[]) {
          busy++;
          await turn();
          if (closed) leaks.push(`${stage} was closed while it was read`);
          busy--;
          return [{ data: Float32Array.from(items, ({ example }) => Number(example.id)), shape: [items.length, 1] }];
        },
        dispose() {
          closed = true;
          if (busy > 0) leaks.push(`${stage} was closed while it was read`);
          open.delete(stage);
          reach('close source');
          return Promise.resolve();
        },
      },
    });
  };

  let [result, error]: [TrainedStages | undefined, Error | undefined] = [undefined, undefined];
  try {
    if (run.resumed) await progress.resume();
    const model = { outputs: [{ shape: [null, classes.length] }] } as unknown as tf.LayersModel;
    result = await trainStages({ run, model, data, plan, progress, activations }, progress.left(compiled));
  } catch (thrown) {
    error = thrown as Error;
  }
  await turn();
  const weights = layer.getWeights().map((weight) => weight.dataSync()[0] ?? NaN);
  tf.dispose(layer.getWeights());
  run.log.close();
  return {
    ...{ result, error, state: progress.state, weights, steps, moments, events },
    history: progress.state.history.map((epoch) => ({ ...epoch, ms: 0 })),
    leaks: [...leaks, ...[...open].map((one) => `${one} is open`)],
  };
}

function epochsOf(stage: Stage, stages: readonly Stage[], plan: FitPlan) {
  return { epochs: stage === 'head' && stages.length > 1 ? plan.headEpochs : plan.epochs };
}

interface Parts {
  readonly stage: Stage;
  readonly layer: tf.layers.Layer;
  readonly progress: Progress;
  readonly says: FakeOptions['says'];
  readonly reach: (moment: string) => number | undefined;
  readonly steps: FakeStep[];
  readonly close: Set<string>;
}

/** Two weights: the number of the epoch that they were trained in, and one that depends on all that every step was given. */
class FakeTrainer implements Trainer {
  #weights: readonly number[];
  #moment = 0;
  #gradient = 0;
  #updates = 0;

  constructor(private readonly parts: Parts) {
    this.#weights = read(parts.layer);
  }

  step(batch: Batch, options: StepOptions): Promise<StepResult> {
    const { stage, progress, reach, steps } = this.parts;
    const { state } = progress;
    const moment = `step ${stage} ${state.epoch + 1}.${state.step + 1}`;
    const [ids = []] = batch.inputs.map(({ data }) => [...data]);
    steps.push({ moment, ids, ...options });
    const loss = reach(moment);
    const [, weight = 0] = this.#weights;
    const given = [...ids, ...batch.labels.data, ...batch.weights, options.seed % 1009];
    const gradient = given.reduce((sum, value, i) => Math.sin(sum + value * (i + 1)), weight);
    this.#gradient += gradient;
    if (options.accumulate !== true) {
      this.#moment = Math.fround(0.9 * this.#moment + this.#gradient);
      this.#weights = [state.history.length, Math.fround(weight - options.learningRate * this.#moment)];
      this.#gradient = 0;
      this.#updates++;
    }
    return Promise.resolve({ loss: loss ?? 1 + gradient, correct: ids.length >> 1 });
  }

  check() {
    return Promise.resolve('right' as const);
  }

  predict([input]: readonly FloatTensor[]): Promise<FloatTensor> {
    const { stage, progress, says, reach } = this.parts;
    const { epoch } = progress.state;
    reach(progress.ended ? 'predict at the end' : `predict ${stage} ${epoch + 1}`);
    const [trainedIn = 0, weight = 0] = this.#weights;
    const ids = [...(input?.data ?? [])];
    const said = says === undefined ? 0.5 + 0.49 * Math.sin(weight * 50) : (says[trainedIn] ?? 0.5);
    const data = ids.flatMap((id) => {
      const right = typeof said === 'number' ? said : (said[id % 100] ?? 0.5);
      return id % 2 === 0 ? [right, 1 - right] : [1 - right, right];
    });
    return Promise.resolve({ data: Float32Array.from(data), shape: [ids.length, classes.length] });
  }

  pull(): Promise<void> {
    this.parts.reach('pull');
    const [trainedIn = 0, weight = 0] = this.#weights;
    tf.tidy(() => {
      this.parts.layer.setWeights([tf.tensor2d([trainedIn], [1, 1]), tf.tensor1d([weight])]);
    });
    return Promise.resolve();
  }

  push(): Promise<void> {
    this.#weights = read(this.parts.layer);
    return Promise.resolve();
  }

  optimizerState(): Promise<OptimizerState> {
    const slots = new Map([['fake/1/m', { data: Float32Array.of(this.#moment), shape: [1] }]]);
    return Promise.resolve({ step: this.#updates, slots: this.#updates === 0 ? new Map() : slots });
  }

  restoreOptimizer({ step, slots }: OptimizerState): Promise<void> {
    this.parts.reach('restore');
    this.#updates = step;
    this.#moment = slots.get('fake/1/m')?.data[0] ?? 0;
    return Promise.resolve();
  }

  dispose(): Promise<void> {
    const { stage, reach, close } = this.parts;
    close.delete(stage);
    reach(`close ${stage}`);
    return Promise.resolve();
  }
}

function read(layer: tf.layers.Layer): number[] {
  return layer.getWeights().map((weight) => weight.dataSync()[0] ?? NaN);
}
