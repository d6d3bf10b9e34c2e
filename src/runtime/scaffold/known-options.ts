import { stat } from 'node:fs/promises';
import path from 'node:path';

import { packageFolder } from '../../common/package-folder.js';
import { preprocessingText, type BaseOption } from '../../protocol/index.js';
import type { BaseDefinition } from '../bases/definition.js';
import { cachedPath } from '../bases/download/download.js';
import { defaultFreezePoint, knownBases } from '../bases/known.js';
import { readSpeeds, speedOf, type Speeds } from '../bases/speeds.js';

/** The bases that Graft knows by name, as pickers show them. */
export async function listBases(): Promise<BaseOption[]> {
  const speeds = await readSpeeds();
  return await Promise.all(knownBases.map((base) => optionOf(base, speeds)));
}

export async function optionOf(base: BaseDefinition, known?: Speeds): Promise<BaseOption> {
  const { name, label, family, size, preprocessing, parameters, accuracy, licence, layers } = base;
  const secondsPerPicture = speedOf(known ?? (await readSpeeds()), label, size);
  return {
    ...{ id: name, label, family, size, parameters, licence },
    ...(accuracy === undefined ? {} : { accuracy }),
    ...(secondsPerPicture === undefined ? {} : { secondsPerPicture }),
    preprocessing: preprocessingText(preprocessing),
    ...(await weightsOf(base)),
    freezePoints: base.freezePoints.map(([layer, frozen]) => ({ layer, depth: frozen / layers })),
    defaultFreezePoint: defaultFreezePoint(base),
  };
}

async function weightsOf({
  name,
  weights,
  parameters,
}: BaseDefinition): Promise<Pick<BaseOption, 'weights' | 'bytes'>> {
  const about = 4 * parameters;
  if (weights === 'bundled') {
    const file = path.join(packageFolder(), 'models', name, 'weights.bin');
    return { weights, bytes: (await sizeOf(file)) ?? about };
  }
  if (weights.notop === undefined) return { weights: 'file', bytes: about };
  const bytes = await sizeOf(cachedPath(weights.notop));
  return bytes === undefined ? { weights: 'download', bytes: about } : { weights: 'cached', bytes };
}

async function sizeOf(file: string): Promise<number | undefined> {
  return await stat(file).then(
    ({ size }) => size,
    () => undefined,
  );
}
