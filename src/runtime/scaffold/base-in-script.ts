import path from 'node:path';

import {
  parsePreprocessing,
  preprocessingChoices,
  preprocessingText,
  type Preprocessing,
} from '../../protocol/index.js';
import type { SavedBase } from '../bases/base.js';
import type { BaseDefinition } from '../bases/definition.js';
import { disposeModel } from '../bases/dispose.js';
import { baseFileExtensions } from '../bases/files/model-files.js';
import { defaultFreezePoint, knownBase } from '../bases/known.js';
import { channelsOf, pixelsBecome } from '../data/preprocessing.js';
import { previewBase } from '../bases/load-base.js';
import type { Decision } from '../bases/preprocessing/decision.js';
import { checkFile } from '../bases/check-file.js';
import { parseSize, pictureSides } from '../../common/check-options.js';
import { GraftError, nearest, smallSlip } from '../../common/errors.js';
import { defaultFreezePoint as nearTwoThirds } from '../graph/freeze-points.js';
import type { tf } from '../tf.js';
import { code, identifier, list, literal, object, ownCode, type Code } from './code.js';
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
  /** How it wants its pixels, what that makes of them, and how it is known. */
  readonly decision: Decision & { readonly pixels: string };
  /** Where it is a model that Graft saved. */
  readonly saved?: SavedBase | undefined;
}

/** What the user says of a base; texts as they were written. */
export interface BaseWishes {
  readonly freezeUpTo?: string | undefined;
  readonly preprocessing?: string | undefined;
  readonly size?: string | undefined;
}

/**
 * Finds out how a script gets a base: by name, from a model file, or from a file of weights whose network is known.
 *
 * @param relative how the script writes the path of a file.
 * @throws GraftError for an unknown name, a layer that the base does not have, and for what must be said and is not.
 */
export async function baseInScript(
  base: string,
  wishes: BaseWishes,
  relative: (file: string) => string,
): Promise<BaseInScript> {
  const known = knownBase(base);
  if (known !== undefined) return await byName(known, undefined, wishes);
  const architecture = await architectureOf(base);
  if (architecture !== undefined) return await byName(architecture, relative(base), wishes);
  return await fromFile(base, relative(base), wishes);
}

/** @param file of weights; undefined for the base's own. */
async function byName(
  base: BaseDefinition,
  file: string | undefined,
  { freezeUpTo, preprocessing, size: asked }: BaseWishes,
): Promise<BaseInScript> {
  const { name, label } = base;
  if (preprocessing !== undefined)
    throw new GraftError(`${label} wants its pixels as it was trained: ${preprocessingText(base.preprocessing)}.`, {
      action: 'Leave --preprocessing out: it is for model files.',
    });
  const size = sizeIn(asked);
  const expression = expressionOf(base, file, size);
  // The names are known only to the network itself.
  if (freezeUpTo !== undefined) {
    const model = await base.outline();
    try {
      check(freezeUpTo, model, name);
    } finally {
      disposeModel(model);
    }
  }
  return {
    label,
    expression,
    imports: 'applications',
    size: size ?? base.size,
    freezeUpTo: freezeUpTo ?? defaultFreezePoint(base),
    decision: {
      preprocessing: base.preprocessing,
      pixels: pixelsBecome(base.preprocessing, 3),
      why: file === undefined ? 'The network of this name was trained so.' : `Its layers are those of ${label}.`,
    },
  };
}

function expressionOf(
  { name, call, arguments: besides = {}, size: own, weights }: BaseDefinition,
  file: string | undefined,
  size: readonly [number, number] | undefined,
): Code {
  const called = code`applications.${identifier(call)}`;
  const inputShape = literal([...(size ?? own), 3]);
  if (weights === 'bundled')
    return size === undefined ? code`${called}()` : code`${called}({ inputShape: ${inputShape} })`;
  if (file === undefined && weights.notop === undefined) {
    throw new GraftError(`${name}: there is no address for its ImageNet weights.`, {
      action: 'Give the path of its .h5 file as base.',
    });
  }
  const given = Object.entries(besides).map(([key, value]) => code`${identifier(key)}: ${ownCode(String(value))}, `);
  return code`${called}({ ${list(given, '')}weights: ${file ?? 'imagenet'}, includeTop: false, inputShape: ${inputShape} })`;
}

async function fromFile(base: string, written: string, wishes: BaseWishes): Promise<BaseInScript> {
  checkFile(base);
  const { freezeUpTo } = wishes;
  const [asked, size] = [preprocessingIn(wishes.preprocessing), sizeIn(wishes.size)];
  const opened = await previewBase(base, {
    ...(asked === undefined ? {} : { preprocessing: asked }),
    ...(size === undefined ? {} : { inputShape: size }),
  });
  const { base: model, decision, name, saved, isOfAnySize } = opened;
  try {
    if (isOfAnySize)
      throw new GraftError(`${base} takes pictures of any size.`, { action: 'Say which to train with: --size 224' });
    if (decision === undefined) throw unknownPreprocessing(base);
    if (freezeUpTo !== undefined) check(freezeUpTo, model, base);
    const [, height, width] = model.inputs[0]?.shape ?? [];
    const { preprocessing } = decision;
    const options = object({
      preprocessing: typeof preprocessing === 'string' ? preprocessing : object({ ...preprocessing }),
      inputShape: size,
    });
    return {
      label: baseFileExtensions.some((end) => end !== '.json' && base.toLowerCase().endsWith(end))
        ? path.basename(base)
        : name,
      saved,
      expression: code`loadBase(${written}, ${options})`,
      imports: 'loadBase',
      size: [Number(height), Number(width)],
      freezeUpTo: freezeUpTo ?? nearTwoThirds(model) ?? model.layers.at(-1)?.name ?? '',
      decision: { ...decision, pixels: pixelsBecome(preprocessing, channelsOf(model)) },
    };
  } finally {
    disposeModel(model);
  }
}

/** @throws GraftError that names the choices. */
function preprocessingIn(text: string | undefined): Preprocessing | undefined {
  if (text === undefined) return undefined;
  const preprocessing = parsePreprocessing(text);
  if (preprocessing !== undefined) return preprocessing;
  throw new GraftError(`--preprocessing ${text} is none.`, {
    action: `It is one of ${preprocessingChoices}; mean and std are one number each or three with commas between them, of pixels from 0 to 255.`,
  });
}

/** @throws GraftError for what is no size of pictures. */
function sizeIn(text: string | undefined): readonly [number, number] | undefined {
  if (text === undefined) return undefined;
  const size = parseSize(text);
  if (size !== undefined) return size;
  const { least, most } = pictureSides;
  throw new GraftError(`--size ${text} is no size of pictures.`, {
    action: `It is a number of pixels from ${least} to ${most}, or two: 128x160.`,
  });
}

function unknownPreprocessing(base: string): GraftError {
  return new GraftError(
    `Nothing in ${base} says how it wants its pixels, and with others it would see something else.`,
    {
      action: `Say what it was trained with: --preprocessing ${preprocessingChoices}. tf: from −1 to 1; unit: from 0 to 1; none: from 0 to 255; caffe: BGR, minus the mean of ImageNet; torch: minus the mean and by the deviation of ImageNet.`,
    },
  );
}

function check(layer: string, { layers }: tf.LayersModel, base: string): void {
  const names = layers.map(({ name }) => name);
  if (names.includes(layer)) return;
  const guess = nearest(layer, names, smallSlip);
  throw new GraftError(`${base} has no layer "${layer}".`, {
    action: guess === undefined ? 'Leave --freeze-up-to out for a default.' : `Did you mean "${guess}"?`,
  });
}
