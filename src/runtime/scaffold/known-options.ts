import { stat } from 'node:fs/promises';
import path from 'node:path';

import { packageFolder } from '../../common/package-folder.js';
import { preprocessingText, type BaseOption, type Kind } from '../../protocol/index.js';
import type { BaseDefinition, ImageBase } from '../bases/definition.js';
import { cachedPath } from '../bases/download/download.js';
import { defaultFreezePoint, knownBases } from '../bases/known.js';
import { readSpeeds, speedOf, type Speeds } from '../bases/speeds.js';

/** The bases that Graft knows by name, as pickers show them. @param kind of data that they take; default any. */
export async function listBases(kind?: Kind): Promise<BaseOption[]> {
  const speeds = await readSpeeds();
  const wanted = knownBases.filter((base) => kind === undefined || base.kind === kind);
  return await Promise.all(wanted.map((base) => optionOf(base, speeds)));
}

export async function optionOf(base: BaseDefinition, known?: Speeds): Promise<BaseOption> {
  const { name, label, family, parameters, licence, layers } = base;
  return {
    ...{ id: name, label, family, parameters, licence },
    ...(base.kind === 'image' ? ofPictures(base, known ?? (await readSpeeds())) : { kind: base.kind }),
    ...(await weightsOf(base)),
    freezePoints: base.freezePoints.map(([layer, frozen]) => ({ layer, depth: frozen / layers })),
    defaultFreezePoint: defaultFreezePoint(base),
  };
}

function ofPictures(
  { label, size, preprocessing, accuracy }: ImageBase,
  speeds: Speeds,
): Pick<BaseOption, 'size' | 'accuracy' | 'secondsPerPicture' | 'preprocessing'> {
  const secondsPerPicture = speedOf(speeds, label, size);
  return {
    size,
    ...(accuracy === undefined ? {} : { accuracy }),
    ...(secondsPerPicture === undefined ? {} : { secondsPerPicture }),
    preprocessing: preprocessingText(preprocessing),
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
