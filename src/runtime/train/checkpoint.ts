import { rename } from 'node:fs/promises';
import path from 'node:path';

import type { OptimizerState } from '../engines/types.js';
import type { FloatTensor } from '../../common/tensor.js';
import { GraftError, messageOf } from '../../common/errors.js';
import { isMissing } from '../../common/files.js';
import { parseJson } from '../../common/read-file.js';
import { readSafetensors, writeSafetensors } from './safetensors.js';
import { parseState, type TrainingState } from './training-state.js';
import type { Snapshot } from './weights.js';

/** Counts up when what goes into a fingerprint changes: the same training has another one then. */
const version = '2';

export interface Checkpoint {
  readonly state: TrainingState;
  readonly weights: Snapshot;
  readonly bestWeights: Snapshot | undefined;
  readonly optimizer: OptimizerState;
}

/** The training that a checkpoint must fit to be continued by it. */
interface CheckpointOwner {
  /** Hash of the data, the model and the options. */
  readonly fingerprint: string;
  /** How many stages it has. */
  readonly stages: number;
  /** Shapes of the weights that can change, under their names in a snapshot. */
  readonly shapes: ReadonlyMap<string, readonly number[]>;
}

interface LoadedCheckpoint extends Checkpoint {
  /** Why the last checkpoint was not taken, where this is the one before it. */
  readonly fallback: string | undefined;
}

/** Checkpoint file of the script's training number `index`, relative to the run folder. */
export function checkpointFile(index: number): string {
  return path.posix.join('checkpoints', `training-${index + 1}.safetensors`);
}

/** Where the checkpoint before the last one stays, in case the last one is damaged. */
export function previousCheckpoint(file: string): string {
  return file.replace(/(\.safetensors)?$/, '.previous.safetensors');
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
  const metadata = { version, fingerprint, state: JSON.stringify(state), optimizerStep: String(optimizer.step) };
  await writeSafetensors(file, { tensors, metadata }, async () => {
    await rename(file, previousCheckpoint(file)).catch((error: unknown) => {
      if (!isMissing(error)) throw error;
    });
  });
}

/**
 * The last checkpoint, or the one before it where the last one is not whole. Undefined when there is neither.
 *
 * @throws GraftError when it belongs to other data, another model or other options; and when neither is whole: to train again
 *   from the beginning is for the user to say.
 */
export async function loadCheckpoint(file: string, owner: CheckpointOwner): Promise<LoadedCheckpoint | undefined> {
  const last = await tryCheckpoint(file, owner);
  if ('state' in last) return { ...last, fallback: undefined };
  const previous = await tryCheckpoint(previousCheckpoint(file), owner);
  if ('state' in previous) {
    // Aside, so that the next save does not put it in the place of the whole one.
    await rename(file, `${file}.damaged`).catch(() => undefined);
    return { ...previous, fallback: last.problem ?? `${file} is missing.` };
  }
  const problem = last.problem ?? previous.problem;
  if (problem === undefined) return undefined;
  throw new GraftError(`There is no whole checkpoint to go on from: ${problem}`, {
    action: `To train from the beginning, delete ${path.dirname(file)}, then resume again.`,
  });
}

/** What is wrong with it where it cannot be taken; undefined where it is not there. */
async function tryCheckpoint(
  file: string,
  owner: CheckpointOwner,
): Promise<Checkpoint | { readonly problem: string | undefined }> {
  try {
    return await readCheckpoint(file, owner);
  } catch (error) {
    if (error instanceof WrongTraining || !(error instanceof GraftError)) throw error;
    return { problem: isMissing(error.cause) ? undefined : error.message };
  }
}

async function readCheckpoint(file: string, owner: CheckpointOwner): Promise<Checkpoint> {
  const { tensors, metadata } = await readSafetensors(file, largestSize(owner));
  if (metadata['fingerprint'] !== owner.fingerprint) throw new WrongTraining(metadata['version'] === version);
  const part = (prefix: string) =>
    new Map(
      [...tensors]
        .filter(([name]) => name.startsWith(prefix))
        .map(([name, tensor]) => [name.slice(prefix.length), tensor]),
    );
  const [weights, best, slots] = [part('weights/'), part('best/'), part('slots/')];
  try {
    checkShapes('weight', weights, owner.shapes, (name) => name);
    if (best.size > 0) checkShapes('best weight', best, owner.shapes, (name) => name);
    // Under the name of their weight and one of their own; only weights that have trained have any.
    const moments = new Map([...slots].map(([name]) => [weightOf(name), owner.shapes.get(weightOf(name)) ?? []]));
    checkShapes('moment', slots, moments, weightOf);
    const step = Number(metadata['optimizerStep']);
    if (!Number.isSafeInteger(step) || step < 0)
      throw new Error(`its optimizer's step is ${metadata['optimizerStep'] ?? 'missing'}`);
    const state = parseState(parseJson(metadata['state'] ?? '', 'its state'), owner.stages);
    return { state, weights, bestWeights: best.size === 0 ? undefined : best, optimizer: { step, slots } };
  } catch (error) {
    throw new GraftError(`${file} is no checkpoint of this training: ${messageOf(error)}.`, {
      action: 'Start a new run.',
      cause: error,
    });
  }
}

class WrongTraining extends GraftError {
  constructor(isOurs: boolean) {
    super(
      isOurs
        ? 'The data, the model or the options of fit have changed since the checkpoint was saved.'
        : 'The checkpoint was saved by another version of Graft.',
      {
        action: isOurs
          ? 'Undo the change to resume, or start a new run.'
          : 'Resume it with that one, or start a new run.',
      },
    );
  }
}

function weightOf(slot: string): string {
  return slot.slice(0, slot.lastIndexOf('/'));
}

/** @throws Error where a tensor is missing, of another shape, or of no weight. */
function checkShapes(
  what: string,
  tensors: Snapshot,
  shapes: CheckpointOwner['shapes'],
  weight: (name: string) => string,
): void {
  const found = new Set<string>();
  for (const [name, { shape }] of tensors) {
    const wanted = shapes.get(weight(name));
    if (wanted?.join() !== shape.join())
      throw new Error(`its ${what} ${name} has the shape [${shape.join()}], not [${wanted?.join() ?? 'none'}]`);
    found.add(weight(name));
  }
  for (const name of shapes.keys()) if (!found.has(name)) throw new Error(`it lacks the ${what} ${name}`);
}

/** Weights, the best ones and a few moments of each, names and all: more is no checkpoint, and is not read into memory. */
function largestSize({ shapes }: CheckpointOwner): number {
  const numbers = [...shapes.values()].map((shape) => shape.reduce((product, size) => product * size, 1));
  return numbers.reduce((sum, n) => sum + n * 4 * 6, 64 << 20);
}
