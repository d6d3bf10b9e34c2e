import type { Figures, ModelEvaluation } from '../../protocol/index.js';
import { shortHash } from '../bases/saved/saved-examples.js';
import { foundToEvaluate, kindOf, type Example, type Skipped, targets } from '../data/index.js';
import type { NamedTensors } from '../../common/tensor.js';
import { quotedNames } from '../../common/counted.js';
import { GraftError, present } from '../../common/errors.js';
import { predictorOf } from '../export/predict.js';
import type { TrainedModel } from '../export/types.js';
import type { LossName } from '../engines/specs.js';
import { taskOf, type TaskDefinition } from '../tasks/index.js';

const batch = 16;

/**
 * Runs a trained model over labelled examples, also where there is one class or one example; of a train/validation pair of
 * folders only over the validation folder.
 *
 * @throws GraftError when the data has a class that the model does not know.
 */
export async function evaluateModel(
  trained: TrainedModel,
  location: string,
  signal?: AbortSignal,
): Promise<ModelEvaluation> {
  const data = await kindOf(trained).find(location, taskOf(trained).tableOptions(trained.classes));
  signal?.throwIfAborted();
  const { found, skipped } = foundToEvaluate(data);
  const labelOf = targets[taskOf(trained).name].labeller(trained.classes);
  const unknown = [...new Set(found.map(({ label }) => label))].filter((name) => labelOf(name) === undefined);
  if (unknown.length > 0) {
    const what = unknown.length === 1 ? 'a class' : `${unknown.length} classes`;
    throw new GraftError(`${location} has ${what} that the model does not know: ${quotedNames(unknown)}.`, {
      action: `It knows ${quotedNames(trained.classes)}. Rename what is meant by one of these; give data without the others, or train a model that knows them.`,
    });
  }
  const examples = found.flatMap(({ id, source, hash, label: text }): Example[] => {
    const label = labelOf(text);
    return label === undefined ? [] : [{ id, source, hash, label }];
  });
  const predictor = predictorOf(trained);
  try {
    return await evaluateExamples(trained, examples, skipped, location, (batch) => {
      signal?.throwIfAborted();
      return predictor.predict(batch);
    });
  } finally {
    await predictor.dispose();
  }
}

async function evaluateExamples(
  trained: TrainedModel,
  examples: readonly Example[],
  unreadable: readonly Skipped[],
  location: string,
  predict: (batch: readonly NamedTensors[]) => Promise<Float32Array>,
): Promise<ModelEvaluation> {
  const { classes } = trained;
  const kind = kindOf(trained);
  const skipped = [...unreadable];
  const rows: Float32Array[] = [];
  const read: Example[] = [];
  let waiting: NamedTensors[] = [];
  const flush = async () => {
    if (waiting.length === 0) return;
    rows.push(await predict(waiting));
    waiting = [];
  };
  for await (const view of kind.views(trained).read(examples.map((example) => ({ example, view: 0 })))) {
    const example = examples[view.index];
    if (example === undefined) continue;
    if ('error' in view) {
      skipped.push({ file: example.id, reason: view.error.message });
      continue;
    }
    read.push(example);
    waiting.push(view.tensors);
    if (waiting.length === batch) await flush();
  }
  await flush();
  if (read.length === 0)
    throw new GraftError(`No ${kind.words.one} of ${location} can be read.`, {
      action: skipped[0]?.reason ?? 'Check the files.',
    });
  return { ...figuresOf(trained, read, rows.flatMap(split(classes.length))), classes, skipped };
}

/** Models of 0.1.0 do not say it. */
function defaultLoss({ losses }: TaskDefinition): LossName {
  return present(losses[0], 'A loss').loss;
}

/** The outputs of each example, of those of a batch. */
function split(classes: number): (batch: Float32Array) => Float32Array[] {
  return (batch) =>
    Array.from({ length: batch.length / classes }, (_, i) => batch.subarray(i * classes, (i + 1) * classes));
}

/**
 * Over all examples, and apart from that over those that say how the model does on others: what it has not seen, or else what it was only
 * validated on.
 */
function figuresOf(
  trained: TrainedModel,
  examples: readonly Example[],
  rows: readonly Float32Array[],
): Figures & Pick<ModelEvaluation, 'images' | 'seen' | 'measure'> {
  const { classes: names, loss, deviations, examples: seenBefore } = trained;
  const task = taskOf(trained);
  const measured = { kind: loss ?? defaultLoss(task), ...(deviations === undefined ? {} : { deviations }) };
  const over = (which: readonly number[]): Figures & { readonly images: number } => {
    const values = new Float32Array(which.length * names.length);
    which.forEach((index, i) => {
      values.set(rows[index] ?? [], i * names.length);
    });
    const outputs = { values, examples: which.flatMap((index) => examples[index] ?? []), names };
    return { images: which.length, ...task.figures(outputs, measured, trained.thresholds) };
  };
  const all = examples.map((_, i) => i);
  if (seenBefore === undefined) return over(all);
  const { train, validation } = seenBefore;
  const hashes = examples.map(({ hash }) => shortHash(hash));
  const learnt = new Set(train);
  const validated = new Set(validation);
  const sideOf = (hash: string) => (learnt.has(hash) ? 'train' : validated.has(hash) ? 'validation' : 'new');
  const on = (side: ReturnType<typeof sideOf>) => all.filter((i) => sideOf(hashes[i] ?? '') === side);
  const [unseen, onlyValidated] = [on('new'), on('validation')];
  const seen = { trained: all.length - unseen.length - onlyValidated.length, validated: onlyValidated.length };
  const measure =
    unseen.length > 0
      ? ({ on: 'new', ...over(unseen) } as const)
      : onlyValidated.length > 0
        ? ({ on: 'validation', ...over(onlyValidated) } as const)
        : undefined;
  return { seen, ...(measure === undefined ? {} : { measure }), ...over(all) };
}
