import {
  checkOptions,
  oneOf,
  type OptionTable,
  positive,
  text,
  wholeFrom,
  yesOrNo,
} from '../../../common/check-options.js';
import { GraftError, StoppedError } from '../../../common/errors.js';
import { fileHash } from '../../../common/hash.js';
import { openedRun } from '../../run/current.js';
import { pathToRead } from '../../run/script-path.js';
import { tf } from '../../tf.js';
import { registerBase } from '../base.js';
import type { ApplicationOptions, BuildNetwork, NetworkFacts, WeightFile } from '../definition.js';
import { disposeModel } from '../dispose.js';
import { weightsFile, type CachedWeights } from '../download/download.js';
import { assignWeights } from '../files/assign.js';
import { readH5 } from '../files/h5-file.js';
import { inputShapeRule } from './input-shape.js';
import * as layers from './layers.js';

const applicationOptions: OptionTable<ApplicationOptions> = {
  weights: {
    is: "'imagenet', the path of an .h5 file, or null for random weights",
    holds: (value) => value === null || (typeof value === 'string' && value !== ''),
  },
  includeTop: yesOrNo,
  inputShape: inputShapeRule,
  pooling: oneOf('avg', 'max', null),
  classes: wholeFrom(1),
  alpha: positive,
  cacheDir: text,
};

/** Builds a network, loads its weights and remembers what it is. */
export async function buildNetwork(
  facts: NetworkFacts,
  options: ApplicationOptions,
  build: BuildNetwork,
): Promise<tf.LayersModel> {
  const { name } = facts;
  checkOptions(`applications.${facts.call}`, options, applicationOptions);
  const { weights = 'imagenet', includeTop = true, pooling = null, classes = 1000, alpha = 1 } = options;
  const run = await openedRun();
  const size = run?.override('size');
  const inputShape: readonly number[] = size === undefined ? (options.inputShape ?? [...facts.size, 3]) : [...size, 3];
  if (
    inputShape.length !== 3 ||
    inputShape[2] !== 3 ||
    inputShape.some((size) => !Number.isInteger(size) || size < 3) ||
    Math.min(...inputShape.slice(0, 2)) < 32
  ) {
    throw new GraftError(`${name}: inputShape is [${inputShape.join(', ')}].`, {
      action: 'It is [height, width, 3] with at least 32 pixels a side.',
    });
  }
  if (weights === 'imagenet' && includeTop && classes !== 1000) {
    throw new GraftError(`${name}: the ImageNet classifier has 1000 classes, not ${classes}.`, {
      action: 'Set includeTop: false and add a classifier of your own.',
    });
  }
  const place = run === undefined || weights === null || weights === 'imagenet' ? weights : pathToRead(run, weights);
  const known = await weightSource(facts, place, includeTop, alpha, options.cacheDir);
  const source = known?.path;

  const input = tf.input({ shape: [...inputShape], name: 'input_1' });
  const model = tf.model({
    inputs: input,
    outputs: build(layers, input, { includeTop, pooling, classes, alpha, imagenet: weights === 'imagenet' }),
    name,
  });
  let hash = '';
  if (source !== undefined) {
    try {
      assignWeights(model, (await readH5(source)).layers, source);
      hash = known?.sha256 ?? (await fileHash(source));
    } catch (error) {
      disposeModel(model);
      throw error;
    }
  }
  const label = alpha === 1 ? facts.label : `${facts.label} (alpha ${alpha})`;
  return registerBase(model, {
    name: label,
    preprocessing: facts.preprocessing,
    weights: source ?? 'random',
    hash,
    licence: facts.licence,
  });
}

async function weightSource(
  { name, weights: published }: NetworkFacts,
  weights: string | null,
  includeTop: boolean,
  alpha: number,
  cacheDir: string | undefined,
): Promise<{ readonly path: string; readonly sha256?: string } | undefined> {
  if (weights === null) return undefined;
  if (weights !== 'imagenet') return { path: weights };
  const file = includeTop ? published.top : published.notop;
  if (file === undefined || alpha !== 1) {
    throw new GraftError(
      `${name}: there is no address for these ImageNet weights${alpha === 1 ? '' : ` (alpha ${alpha})`}.`,
      {
        action: 'Give the path of an .h5 file as weights, or null for random weights.',
      },
    );
  }
  return await downloaded(file, cacheDir);
}

/** In a run, what is to be said is said there, and Stop ends the download; what has arrived stays. */
async function downloaded(file: WeightFile, cacheDir: string | undefined): Promise<CachedWeights> {
  const run = await openedRun();
  const stop = new AbortController();
  const watch = setInterval(() => {
    if (run?.control.stopRequested === true) stop.abort(new StoppedError('Stopped.'));
  }, 200);
  const onDamaged = (message: string) => {
    if (run === undefined) process.emitWarning(message, { type: 'Graft' });
    else run.warn(message);
  };
  try {
    return await weightsFile(file, { cacheDir, signal: stop.signal, onDamaged });
  } finally {
    clearInterval(watch);
  }
}
