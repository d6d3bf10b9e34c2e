import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';

import { layersOf, type Program, type ProgramInput } from '../graph/index.js';
import { packageFolder } from '../../common/package-folder.js';
import { runtimeVersions } from './session.js';

/**
 * SHA-256 (hex) over everything that decides a program's outputs besides its inputs' numbers: layers, weights, what becomes of the
 * inputs. Names are left out: they do not change what is computed. The versions of what computes are in it: each may correct a
 * mistake of the one before. The processor is not: its kernels differ in the last bit, as all that trains on it afterwards does.
 */
export function programHash(program: Program, inputs: readonly ProgramInput[]): string {
  const hash = createHash('sha256').update(
    JSON.stringify([computedBy(), ...inputs.flatMap(({ key }) => key), program.outputs]),
  );
  for (const { layer, inputs: from, outputs } of program.steps) {
    const config = Object.entries(layer.getConfig()).filter(
      ([key]) => key !== 'name' && key !== 'trainable' && !key.endsWith('Initializer'),
    );
    hash.update(JSON.stringify([layer.getClassName(), config, from, outputs]));
  }
  for (const layer of layersOf(program)) {
    for (const weight of layer.weights) {
      const data = weight.read().dataSync();
      hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    }
  }
  return hash.digest('hex');
}

/** Counted up with each mistake in the lowering that is corrected, and with the form of records: what was computed before is not used. */
const lowering = 5;

/** How records are written and computed, Graft's version, ONNX Runtime's. */
function computedBy(): readonly unknown[] {
  const { version } = JSON.parse(readFileSync(path.join(packageFolder(), 'package.json'), 'utf8')) as {
    version: string;
  };
  return [lowering, version, runtimeVersions];
}
