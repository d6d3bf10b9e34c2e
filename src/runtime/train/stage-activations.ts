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
import { passOverExamples, passOverTaps } from './prefix-pass.js';

export interface ActivationParts {
  readonly run: Run;
  readonly data: Dataset;
  readonly info: BaseInfo;
  readonly model: TakingModel;
  readonly cacheLimit: number | undefined;
}

/**
 * What a stage's prefix says about `items`. Where a later stage's prefix is its beginning, that one's activations are made first:
 * the later stage finds them, and no example is read twice.
 */
export async function stageActivations(
  parts: ActivationParts,
  prefix: Program | undefined,
  later: Program | undefined,
  items: readonly Item[],
): Promise<CachedActivations> {
  const { run, info, model, data, cacheLimit: limit = defaultCacheLimit } = parts;
  const views = data.kind.views(data);
  const inputs = inputsOf(data.kind, data, info.preprocessing, model);
  if (prefix === undefined) {
    const scale = (given: NamedTensors) =>
      Promise.resolve(inputs.map(({ name, compute }) => compute(present(given[name], name))));
    const pass = passOverExamples({ run: scale, dispose: () => Promise.resolve() }, views, run);
    return { source: computedActivations(pass), cached: 0, unreadable: [] };
  }
  const fits = later !== undefined && activationBytes([prefix, later], items.length) <= limit;
  const rest = fits ? continuationOf(prefix, later) : undefined;
  const whole = prefixOf(prefix, inputs);
  const verdict = verdictOf(run, whole);
  const begin = async () => {
    if (rest === undefined || later === undefined)
      return passOverExamples(checkedRunnerOf(prefix, inputs, verdict), views, run);
    return passOverTaps(
      checkedRunnerOf(rest, tapInputs(rest), verdict),
      await stageActivations(parts, later, undefined, items),
    );
  };
  return await cachedActivations(run, whole, begin, views, items, { limit });
}

/** Infinity where examples differ in size. */
function activationBytes(prefixes: readonly Program[], items: number): number {
  const shapes = prefixes.flatMap((prefix) => prefix.outputs.map((value) => sizesOf(prefix, value)));
  return shapes.reduce(
    (sum, shape) => sum + shape.reduce<number>((all, size) => all * (size ?? Infinity), 4 * items),
    0,
  );
}
