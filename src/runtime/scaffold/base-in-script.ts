import path from 'node:path';

import type { BaseDefinition } from '../bases/definition.js';
import { disposeModel } from '../bases/dispose.js';
import { defaultFreezePoint, knownBase } from '../bases/known.js';
import { resolveBase } from '../bases/resolve.js';
import { GraftError, nearest, smallSlip } from '../../common/errors.js';
import { defaultFreezePoint as nearTwoThirds } from '../graph/freeze-points.js';
import type { tf } from '../tf.js';
import { code, identifier, list, literal, ownCode, type Code } from './code.js';
import { architectureOf } from './describe-base.js';

/** A base as a script writes it. */
export interface BaseInScript {
  readonly label: string;
  /** To be awaited. */
  readonly expression: Code;
  /** What it imports from graftjs. */
  readonly imports: 'applications' | 'loadBase';
  readonly size: readonly [number, number];
  readonly freezeUpTo: string;
}

/**
 * Finds out how a script gets a base: by name, from a model file, or from a file of weights whose network is known.
 *
 * @param relative how the script writes the path of a file.
 * @throws GraftError for an unknown name, or a layer that the base does not have.
 */
export async function baseInScript(
  base: string,
  freezeUpTo: string | undefined,
  relative: (file: string) => string,
): Promise<BaseInScript> {
  const known = knownBase(base);
  if (known !== undefined) return await byName(known, undefined, freezeUpTo);
  const architecture = await architectureOf(base);
  if (architecture !== undefined) return await byName(architecture, relative(base), freezeUpTo);
  return await fromFile(base, relative(base), freezeUpTo);
}

/** @param file of weights; undefined for the base's own. */
async function byName(
  base: BaseDefinition,
  file: string | undefined,
  freezeUpTo: string | undefined,
): Promise<BaseInScript> {
  const { name, label, size } = base;
  const expression = expressionOf(base, file);
  // The names are known only to the network itself.
  if (freezeUpTo !== undefined) {
    await withModel(base.outline(), (model) => {
      check(freezeUpTo, model, name);
    });
  }
  return { label, expression, imports: 'applications', size, freezeUpTo: freezeUpTo ?? defaultFreezePoint(base) };
}

function expressionOf({ name, call, arguments: own, size, weights }: BaseDefinition, file: string | undefined): Code {
  const called = code`applications.${identifier(call)}`;
  if (weights === 'bundled') return code`${called}()`;
  if (file === undefined && weights.notop === undefined) {
    throw new GraftError(`${name}: there is no address for its ImageNet weights.`, {
      action: 'Give the path of its .h5 file as base.',
    });
  }
  const inputShape = literal([...size, 3]);
  const besides = Object.entries(own ?? {}).map(
    ([key, value]) => code`${identifier(key)}: ${ownCode(String(value))}, `,
  );
  return code`${called}({ ${list(besides, '')}weights: ${file ?? 'imagenet'}, includeTop: false, inputShape: ${inputShape} })`;
}

async function fromFile(base: string, written: string, freezeUpTo: string | undefined): Promise<BaseInScript> {
  return await withModel(resolveBase(base), (model) => {
    const [, height, width] = model.inputs[0]?.shape ?? [];
    if (freezeUpTo !== undefined) check(freezeUpTo, model, base);
    return {
      label:
        path.basename(base) === 'model.json' ? path.basename(path.dirname(path.resolve(base))) : path.basename(base),
      expression: code`loadBase(${written})`,
      imports: 'loadBase',
      size: [Number(height), Number(width)],
      freezeUpTo: freezeUpTo ?? nearTwoThirds(model) ?? model.layers.at(-1)?.name ?? '',
    };
  });
}

async function withModel<T>(opened: Promise<tf.LayersModel>, use: (model: tf.LayersModel) => T): Promise<T> {
  const model = await opened;
  try {
    return use(model);
  } finally {
    disposeModel(model);
  }
}

function check(layer: string, { layers }: tf.LayersModel, base: string): void {
  const names = layers.map(({ name }) => name);
  if (names.includes(layer)) return;
  const guess = nearest(layer, names, smallSlip);
  throw new GraftError(`${base} has no layer "${layer}".`, {
    action: guess === undefined ? 'Leave --freeze-up-to out for a default.' : `Did you mean "${guess}"?`,
  });
}
