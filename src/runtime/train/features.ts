import path from 'node:path';

import type { Task } from '../../protocol/index.js';
import { baseOf, checkForgotten, type BaseInfo } from '../bases/base.js';
import { checkArgument, checkOptions, positive } from '../../common/check-options.js';
import type { Example, Item, Label } from '../data/example.js';
import type { Dataset } from '../data/types.js';
import { checkedRunnerOf } from '../engines/index.js';
import { GraftError } from '../../common/errors.js';
import { inputsOf, programOf } from '../graph/index.js';
import { currentRun } from '../run/current.js';
import type { Run } from '../run/run.js';
import { taskDefinitions } from '../tasks/index.js';
import { tf } from '../tf.js';
import { cachedActivations, prefixOf, verdictOf } from './activations.js';
import { dataset, layersModel } from './arguments.js';
import { itemTable } from './batches.js';
import { checkInputs } from './check-model.js';
import { defaultCacheLimit } from './options.js';
import { BaseClock } from './base-clock.js';
import { passOverExamples, type Unreadable } from './prefix-pass.js';
import { warnOfSeen } from './seen-before.js';
import { checkLeft, warnUnreadable } from './unreadable.js';

/** One side of the split as numbers. */
export interface FeatureSet<T extends Task = Task> {
  /** [n, dimensions] in row-major order. */
  readonly data: Float32Array;
  readonly labels: readonly Label<T>[];
  readonly examples: readonly Example<T>[];
}

/** What a base says about every picture of a data set. */
export interface Features<T extends Task = 'classification'> {
  /** Pictures → features, [batch, height, width, 3] → [batch, dimensions]. */
  readonly extractor: tf.LayersModel;
  readonly base: BaseInfo;
  readonly data: Dataset<T>;
  readonly dimensions: number;
  readonly train: FeatureSet<T>;
  readonly validation: FeatureSet<T>;
  /** Absent where the data has no test set. */
  readonly test?: FeatureSet<T>;
  readonly unreadable: readonly Unreadable[];
}

/**
 * Runs the base over all pictures, once: global average pooling follows where it ends in a feature map. Cached on disk, so
 * another classifier on the same features starts at once. With augmentation, each view of a training picture is a row.
 *
 * @param base [batch, height, width, 3] in the size of `data` → [batch, h, w, channels] or [batch, dimensions].
 * @throws GraftError when base and data do not fit together, or no picture can be read.
 * @throws StoppedError when the user stopped the run; what has been computed stays cached.
 */
export async function extractFeatures<T extends Task>(
  base: tf.LayersModel,
  data: Dataset<T>,
  options: { cacheLimit?: number } = {},
): Promise<Features<T>> {
  checkArgument('extractFeatures', 'base', base, layersModel);
  checkArgument('extractFeatures', 'data', data, dataset);
  checkOptions('extractFeatures', options, { cacheLimit: positive });
  const run = await currentRun();
  const extractor = pooled(base);
  checkInputs('extractFeatures', base, data);
  const known = baseOf(base);
  checkForgotten(known);
  const info: BaseInfo = known?.info ?? { name: base.name, preprocessing: 'tf', weights: 'unknown', hash: '' };
  checkFeatures(info, base);
  warnOfSeen(run, info, data);
  const views = data.kind.views(data);
  const train = itemTable(data.train, views.count).flat();
  const asTheyAre = (examples: readonly Example[]) => examples.map((example): Item => ({ example, view: 0 }));
  const [validation, test] = [asTheyAre(data.validation), asTheyAre(data.test)];
  const program = programOf(extractor);
  const inputs = inputsOf(data.kind, data, info.preprocessing, base);
  const limit = options.cacheLimit ?? defaultCacheLimit;
  const prefix = prefixOf(program, inputs);
  const clock = new BaseClock();
  const begin = () =>
    Promise.resolve(
      passOverExamples(clock.timed(checkedRunnerOf(program, inputs, verdictOf(run, prefix))), views, run),
    );
  const items = [...train, ...validation, ...test];
  const { source, unreadable } = await cachedActivations(run, prefix, begin, views, items, { limit });
  await clock.keep(base, info, 1);
  try {
    const bad = new Set(unreadable.map(({ example }) => example));
    const read = async (items: readonly Item[]): Promise<FeatureSet> => {
      const good = items.filter(({ example }) => !bad.has(example));
      const chunks: Float32Array[] = [];
      for (let start = 0; start < good.length; start += 256) {
        const [tap] = await source.batch(good.slice(start, start + 256));
        if (tap !== undefined) chunks.push(tap.data);
      }
      return {
        data: concatenate(chunks),
        labels: good.map(({ example }) => example.label),
        examples: good.map(({ example }) => example),
      };
    };
    const features = {
      train: await read(train),
      validation: await read(validation),
      ...(test.length === 0 ? {} : { test: await read(test) }),
    };
    const dimensions = Number(extractor.outputs[0]?.shape[1]);
    warnOfConstants(run, info.name, features.train.data, dimensions, data.kind.words.one);
    warnUnreadable(run, unreadable, data.kind.words);
    const left = { train: features.train.labels, validation: features.validation.labels };
    checkLeft('extractFeatures', taskDefinitions[data.task], data.classes, left, data.kind.words);
    // What was read is of the task of the data.
    return { extractor, base: info, data, dimensions, ...features, unreadable } as unknown as Features<T>;
  } finally {
    await source.dispose();
  }
}

/** What a model says of its own classes is no feature of a picture. */
function checkFeatures({ name, weights, saved }: BaseInfo, base: tf.LayersModel): void {
  if (saved?.whole !== true || base.outputs[0]?.shape.length !== 2) return;
  throw new GraftError(
    `extractFeatures: ${name} ends in what it says of ${saved.classes.join(', ')}, not in features.`,
    {
      action: `Take it as a base, without its last layer: loadBase('${path.basename(path.dirname(weights))}/${path.basename(weights)}').`,
    },
  );
}

function pooled(base: tf.LayersModel): tf.LayersModel {
  const [output] = base.outputs;
  if (output?.shape.length === 2) return base;
  if (output?.shape.length !== 4) {
    throw new GraftError(`extractFeatures: the base ends in [${(output?.shape ?? []).join(', ')}].`, {
      action: 'It must end in features [batch, n] or a feature map [batch, h, w, channels].',
    });
  }
  const features = tf.layers.globalAveragePooling2d({}).apply(output) as tf.SymbolicTensor;
  return tf.model({ inputs: base.inputs, outputs: features, name: base.name });
}

/** Features that are the same for every example say nothing: a base with mostly such ones does not suit the data. */
function warnOfConstants(run: Run, base: string, rows: Float32Array, dimensions: number, one: string): void {
  const constant = constantColumns(rows, dimensions);
  if (constant * 2 <= dimensions) return;
  run.warn(
    `${constant} of the ${dimensions} features of ${base} are the same for every ${one}.`,
    'Try another base, or check that its weights and its preprocessing belong together.',
  );
}

/** How many columns of [n, width] hold one value only; none where there are fewer than two rows. */
export function constantColumns(rows: Float32Array, width: number): number {
  if (rows.length < 2 * width) return 0;
  const varies = new Uint8Array(width);
  for (let i = width; i < rows.length; i++) if (rows[i] !== rows[i % width]) varies[i % width] = 1;
  return varies.reduce((count, one) => count - one, width);
}

function concatenate(chunks: readonly Float32Array[]): Float32Array {
  const result = new Float32Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let offset = 0;
  for (const chunk of chunks) {
    result.set(chunk, offset);
    offset += chunk.length;
  }
  return result;
}
