import { access, constants, statfs } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import { defaultCacheDir } from './bases/download/download.js';
import { sapling } from './bases/definitions/sapling.js';
import { dataKinds } from './data/index.js';
import { gigabytes } from '../common/bytes.js';
import { chooseEngine, runnerOf } from './engines/index.js';
import { messageOf } from '../common/errors.js';
import { makeFolder } from '../common/files.js';
import { inputsOf, programOf } from './graph/index.js';

interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
}

/** Tries everything that a training in `folder` needs, on this machine, and says what it found. */
export async function checkEnvironment(folder: string): Promise<Check[]> {
  return [
    await check('Node', () => Promise.resolve(`${process.version}, ${process.platform}-${process.arch}`)),
    await check('CPU', () =>
      Promise.resolve(
        `${os.availableParallelism()} × ${os.cpus()[0]?.model ?? 'unknown'}, ${gigabytes(os.totalmem())} memory, ${gigabytes(os.freemem())} free`,
      ),
    ),
    await check('engine', () => {
      const { name, reason } = chooseEngine('auto');
      return Promise.resolve(`${name} (${reason})`);
    }),
    await check('sapling on ONNX Runtime', measureSapling),
    await check('this folder', () => writable(folder)),
    await check('weights folder', () => writable(defaultCacheDir())),
  ];
}

async function check(name: string, probe: () => Promise<string>): Promise<Check> {
  try {
    return { name, ok: true, detail: await probe() };
  } catch (error) {
    return { name, ok: false, detail: messageOf(error) };
  }
}

async function measureSapling(): Promise<string> {
  const model = await sapling();
  const runner = runnerOf(programOf(model), inputsOf(dataKinds.image, { size: [128, 128], resize: 'crop' }, 'tf'));
  const pixels = { data: new Uint8Array(16 * 128 * 128 * 3).fill(128), shape: [16, 128, 128, 3] };
  await runner.run({ pixels });
  const start = performance.now();
  for (let i = 0; i < 4; i++) await runner.run({ pixels });
  const perSecond = 64 / ((performance.now() - start) / 1000);
  await runner.dispose();
  model.dispose();
  return `${perSecond.toFixed(0)} images/s`;
}

async function writable(folder: string): Promise<string> {
  await makeFolder(folder);
  await access(folder, constants.W_OK);
  const { bavail, bsize } = await statfs(folder);
  return `${path.resolve(folder)}, ${gigabytes(bavail * bsize)} free`;
}
