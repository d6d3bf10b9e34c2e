import { isDeepStrictEqual } from 'node:util';

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
import { digestsOf } from '../../../common/hash.js';
import { openedRun } from '../../run/current.js';
import { pathToRead } from '../../run/script-path.js';
import { tf } from '../../tf.js';
import { registerBase } from '../base.js';
import type { BuildNetwork, NetworkFacts, WeightFile, WidthOptions } from '../definition.js';
import { disposeModel } from '../dispose.js';
import { weightsFile, type CachedWeights } from '../download/download.js';
import { assignWeights } from '../files/assign.js';
import { readH5, type LayerWeights } from '../files/h5-file.js';
import { newName } from '../keras/network.js';
import { inputShapeRule } from './input-shape.js';
import * as layers from './layers.js';

interface AllOptions extends WidthOptions {
  readonly minimalistic?: boolean;
}

const applicationOptions: OptionTable<AllOptions> = {
  weights: {
    is: "'imagenet', the path of an .h5 file, or null for random weights",
    holds: (value) => value === null || (typeof value === 'string' && value !== ''),
  },
  includeTop: yesOrNo,
  inputShape: inputShapeRule,
  pooling: oneOf('avg', 'max', null),
  classes: wholeFrom(1),
  alpha: positive,
  minimalistic: yesOrNo,
  cacheDir: text,
};

/**
 * Builds a network, loads its weights and remembers what it is.
 *
 * @param bases that share the function, the first without arguments.
 * @param outline the weights stay zero.
 */
export async function buildNetwork(
  bases: readonly NetworkFacts[],
  options: AllOptions,
  build: BuildNetwork,
  outline: boolean,
): Promise<tf.LayersModel> {
  const [first] = bases;
  if (first === undefined) throw new Error('There is no network without facts.');
  checkOptions(`applications.${first.call}`, options, optionsOf(bases));
  const { weights = 'imagenet', includeTop = true, pooling = null, classes = 1000 } = options;
  const { alpha = 1, minimalistic = false } = options;
  const facts = bases.find((base) => isDeepStrictEqual({ ...own, ...base.arguments }, { alpha, minimalistic }));
  const { name, size: defaultSize, smallest = 32 } = facts ?? first;
  const called = facts?.name ?? `${first.label} (alpha ${alpha}${minimalistic ? ', minimalistic' : ''})`;
  const run = await openedRun();
  const size = run?.override('size');
  const inputShape: readonly number[] = size === undefined ? (options.inputShape ?? [...defaultSize, 3]) : [...size, 3];
  if (
    inputShape.length !== 3 ||
    inputShape[2] !== 3 ||
    inputShape.some((size) => !Number.isInteger(size) || size < 3) ||
    Math.min(...inputShape.slice(0, 2)) < smallest
  ) {
    throw new GraftError(`${name}: inputShape is [${inputShape.join(', ')}].`, {
      action: `It is [height, width, 3] with at least ${smallest} pixels a side.`,
    });
  }
  if (weights === 'imagenet' && includeTop && classes !== 1000) {
    throw new GraftError(`${name}: the ImageNet classifier has 1000 classes, not ${classes}.`, {
      action: 'Set includeTop: false and add a classifier of your own.',
    });
  }
  const place = run === undefined || weights === null || weights === 'imagenet' ? weights : pathToRead(run, weights);
  const known = await weightSource(published(facts, includeTop, inputShape), place, called, options.cacheDir);
  const source = known?.path;

  const input = tf.input({ shape: [...inputShape], name: 'input_1' });
  const outputs = layers.initialized(source === undefined && !outline, () =>
    build(layers, input, { includeTop, pooling, classes, alpha, minimalistic, imagenet: known?.imagenet === true }),
  );
  const model = tf.model({ inputs: input, outputs, name });
  let hash = '';
  if (known !== undefined) {
    try {
      const { layers: given } = await readH5(known.path);
      // A file of the whole network serves for a part of it.
      const { classifier = ['predictions'] } = first.weights;
      const isKept = ({ layer }: LayerWeights) => includeTop || !classifier.includes(newName(layer));
      assignWeights(model, given.filter(isKept), known.path);
      hash = known.sha256;
    } catch (error) {
      disposeModel(model);
      throw error;
    }
  }
  return registerBase(model, {
    name: facts?.label ?? called,
    preprocessing: first.preprocessing,
    why: 'The network of this name was trained so.',
    weights: source ?? 'random',
    hash,
    licence: first.licence,
  });
}

const own = { alpha: 1, minimalistic: false };

/** Without what only other networks take. */
function optionsOf(bases: readonly NetworkFacts[]): OptionTable<AllOptions> {
  const taken = new Set(bases.flatMap((base) => Object.keys(base.arguments ?? {})));
  const table = Object.entries(applicationOptions).filter(([option]) => !(option in own) || taken.has(option));
  return Object.fromEntries(table) as OptionTable<AllOptions>;
}

function published(
  facts: NetworkFacts | undefined,
  includeTop: boolean,
  [height = 0, width = 0]: readonly number[],
): WeightFile | undefined {
  const files = facts?.weights.forSize?.(height, width) ?? facts?.weights;
  return includeTop ? files?.top : files?.notop;
}

interface WeightSource {
  readonly path: string;
  readonly sha256: string;
  /** Whether they are those that were published. */
  readonly imagenet: boolean;
}

async function weightSource(
  file: WeightFile | undefined,
  weights: string | null,
  called: string,
  cacheDir: string | undefined,
): Promise<WeightSource | undefined> {
  if (weights === null) return undefined;
  if (weights !== 'imagenet') {
    const { algorithm = 'sha256', digest } = file?.hash ?? {};
    const digests = await digestsOf(weights, ['sha256', algorithm]);
    return { path: weights, sha256: digests.get('sha256') ?? '', imagenet: digests.get(algorithm) === digest };
  }
  if (file === undefined) {
    throw new GraftError(`${called}: there is no address for these ImageNet weights.`, {
      action: 'Give the path of an .h5 file as weights, or null for random weights.',
    });
  }
  return { ...(await downloaded(file, cacheDir)), imagenet: true };
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
