import type { BaseInfo } from '../bases/base.js';
import type { Dataset, Item } from '../data/index.js';
import type { TakingModel } from '../data/taking-model.js';
import { checkedRunnerOf } from '../engines/index.js';
import { present } from '../../common/errors.js';
import { inputsOf, continuationOf, sizesOf, tapInputs, type Program } from '../graph/index.js';
import type { Run } from '../run/run.js';
import type { NamedTensors } from '../../common/tensor.js';
import { cachedActivations, computedActivations, prefixOf, verdictOf, type CachedActivations } from './activations.js';
import { defaultCacheLimit } from './options.js';
import { BaseClock } from './base-clock.js';
import { passOverExamples, passOverTaps } from './prefix-pass.js';

interface ActivationParts {
  readonly run: Run;
  readonly data: Dataset;
  readonly info: BaseInfo;
  readonly model: TakingModel;
  readonly cacheLimit: number | undefined;
}

/**
 * What a stage's prefix says about `items`. Where a later stage's prefix is its beginning, that one's activations are made first:
 * the later stage finds them, and no example is read twice.
 *
 * @param isWholeBase how long the prefix takes is how long the base takes.
 */
export async function stageActivations(
  parts: ActivationParts,
  prefix: Program | undefined,
  later: Program | undefined,
  items: readonly Item[],
  isWholeBase: boolean,
): Promise<CachedActivations> {
  const clock = new BaseClock();
  const { activations, inParts } = await activationsOf(parts, prefix, later, items, clock);
  if (isWholeBase) await clock.keep(parts.model, parts.info, inParts);
  return activations;
}

async function activationsOf(
  parts: ActivationParts,
  prefix: Program | undefined,
  later: Program | undefined,
  items: readonly Item[],
  clock: BaseClock,
): Promise<{ readonly activations: CachedActivations; readonly inParts: number }> {
  const { run, info, model, data, cacheLimit: limit = defaultCacheLimit } = parts;
  const views = data.kind.views(data);
  const inputs = inputsOf(data.kind, data, info.preprocessing, model);
  if (prefix === undefined) {
    const scale = (given: NamedTensors) =>
      Promise.resolve(inputs.map(({ name, compute }) => compute(present(given[name], name))));
    const pass = passOverExamples({ run: scale, dispose: () => Promise.resolve() }, views, run);
    return { activations: { source: computedActivations(pass), cached: 0, unreadable: [] }, inParts: 0 };
  }
  const fits = later !== undefined && activationBytes([prefix, later], items.length) <= limit;
  const rest = fits ? continuationOf(prefix, later) : undefined;
  const whole = prefixOf(prefix, inputs);
  const verdict = verdictOf(run, whole);
  const begin = async () => {
    if (rest === undefined || later === undefined)
      return passOverExamples(clock.timed(checkedRunnerOf(prefix, inputs, verdict)), views, run);
    const { activations } = await activationsOf(parts, later, undefined, items, clock);
    return passOverTaps(clock.timed(checkedRunnerOf(rest, tapInputs(rest), verdict)), activations);
  };
  const activations = await cachedActivations(run, whole, begin, views, items, { limit });
  return { activations, inParts: rest === undefined ? 1 : 2 };
}

/** Infinity where examples differ in size. */
function activationBytes(prefixes: readonly Program[], items: number): number {
  const shapes = prefixes.flatMap((prefix) => prefix.outputs.map((value) => sizesOf(prefix, value)));
  return shapes.reduce(
    (sum, shape) => sum + shape.reduce<number>((all, size) => all * (size ?? Infinity), 4 * items),
    0,
  );
}
