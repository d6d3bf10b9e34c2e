import type { Task } from '../../protocol/index.js';
import type { BaseInfo } from '../bases/base.js';
import { viewSpec } from '../data/index.js';
import type { Channels } from '../data/preprocessing.js';
import type { ImageDataset } from '../data/types.js';
import { checkedRunnerOf } from '../engines/index.js';
import { present } from '../../common/errors.js';
import { pixelInput, restOf, shapeOf, tapInputs, type Program } from '../graph/index.js';
import type { Run } from '../run/run.js';
import type { NamedTensors } from '../../common/tensor.js';
import {
  cachedActivations,
  computedActivations,
  prefixOf,
  verdictOf,
  type CachedActivations,
  type Item,
} from './activations.js';
import { defaultCacheLimit } from './options.js';
import { picturePass, restPass } from './prefix-pass.js';

export interface ActivationParts {
  readonly run: Run;
  readonly data: ImageDataset<Task>;
  readonly info: BaseInfo;
  /** That the model takes. */
  readonly channels: Channels;
  readonly cacheLimit: number | undefined;
}

/**
 * What a stage's prefix says about `items`. Where a later stage's prefix is its beginning, that one's activations are made first:
 * the later stage finds them, and no picture is decoded twice.
 */
export async function stageActivations(
  parts: ActivationParts,
  prefix: Program | undefined,
  later: Program | undefined,
  items: readonly Item[],
): Promise<CachedActivations> {
  const { run, info, channels, data, cacheLimit: limit = defaultCacheLimit } = parts;
  const spec = viewSpec(data);
  const input = pixelInput({ preprocessing: info.preprocessing, size: data.size, channels });
  if (prefix === undefined) {
    const scale = (given: NamedTensors) => Promise.resolve([input.compute(present(given[input.name], input.name))]);
    const pass = picturePass({ run: scale, dispose: () => Promise.resolve() }, spec, run);
    return { source: computedActivations([[...data.size, channels]], pass), cached: 0, unreadable: [] };
  }
  const fits = later !== undefined && activationBytes([prefix, later], items.length) <= limit;
  const rest = fits ? restOf(prefix, later) : undefined;
  const whole = prefixOf(prefix, [input]);
  const verdict = verdictOf(run, whole);
  const begin = async () => {
    if (rest === undefined || later === undefined)
      return picturePass(checkedRunnerOf(prefix, [input], verdict), spec, run);
    return restPass(
      checkedRunnerOf(rest, tapInputs(rest), verdict),
      await stageActivations(parts, later, undefined, items),
    );
  };
  return await cachedActivations(run, whole, begin, spec, items, { limit });
}

function activationBytes(prefixes: readonly Program[], items: number): number {
  const shapes = prefixes.flatMap((prefix) => prefix.outputs.map((value) => shapeOf(prefix, value)));
  return shapes.reduce((sum, shape) => sum + shape.reduce((product, size) => product * size, 4 * items), 0);
}
