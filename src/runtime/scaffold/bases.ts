import { existsSync } from 'node:fs';
import path from 'node:path';

import type { BaseOption } from '../../protocol/index.js';
import { baseOf } from '../bases/base.js';
import { cachedPath } from '../bases/download/download.js';
import { disposeModel } from '../bases/dispose.js';
import { registry, type ApplicationName } from '../bases/definitions/registry.js';
import { builders, isApplicationName, resolveBase } from '../bases/resolve.js';
import type { tf } from '../tf.js';
import { architectureOf } from './base-source.js';
import { defaultFreezePoint, freezePoints } from '../graph/freeze-points.js';

/** The bases that Graft knows by name, the one that comes with it first. */
export async function listBases(): Promise<BaseOption[]> {
  return await Promise.all(Object.keys(registry).filter(isApplicationName).map(knownBase));
}

/**
 * A base by name, or from a file of the user's.
 *
 * @throws GraftError for what cannot be a base.
 */
export async function describeBaseOption(base: string): Promise<BaseOption> {
  if (isApplicationName(base)) return await knownBase(base);
  const architecture = await architectureOf(base);
  if (architecture !== undefined) {
    const known = await knownBase(architecture);
    return { ...known, id: base, label: `${known.label} (${path.basename(base)})`, weights: 'file' };
  }
  const model = await resolveBase(base);
  try {
    return optionOf(base, model);
  } finally {
    disposeModel(model);
  }
}

function optionOf(base: string, model: tf.LayersModel): BaseOption {
  const [, height, width] = model.inputs[0]?.shape ?? [];
  const info = baseOf(model)?.info;
  return {
    id: base,
    label: info?.name ?? path.basename(base),
    size: [Number(height), Number(width)],
    parameters: model.countParams(),
    licence: info?.licence ?? '',
    weights: 'file',
    freezePoints: freezePoints(model).map(({ name, depth }) => ({ layer: name, depth })),
    defaultFreezePoint: defaultFreezePoint(model),
  };
}

/** They are the same every time, and the networks take seconds to build. */
const depthsByName: Partial<Record<ApplicationName, Promise<Map<string, number>>>> = {};

async function knownBase(name: ApplicationName): Promise<BaseOption> {
  const { label, size, parameters, licence, notop, freezePoints: points } = registry[name];
  const depths = await (depthsByName[name] ??= depthsOf(name));
  return {
    id: name,
    label,
    size,
    parameters,
    licence,
    weights:
      name === 'sapling'
        ? 'bundled'
        : notop === undefined
          ? 'file'
          : existsSync(cachedPath(notop))
            ? 'cached'
            : 'download',
    freezePoints: points.map((layer) => ({ layer, depth: depths.get(layer) ?? 0 })),
    // The same as the script gets without a choice.
    defaultFreezePoint: points.at(-3),
  };
}

/** The fraction of the layers with weights up to each layer, from the network without its weights. */
async function depthsOf(name: ApplicationName): Promise<Map<string, number>> {
  const model: tf.LayersModel = await builders[name]({ weights: null, includeTop: false });
  const total = model.layers.filter(({ weights }) => weights.length > 0).length;
  let weighted = 0;
  const depths = model.layers.map(({ name: layer, weights }): [string, number] => {
    if (weights.length > 0) weighted++;
    return [layer, weighted / total];
  });
  disposeModel(model);
  return new Map(depths);
}
