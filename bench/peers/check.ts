import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { mobileNetV2, resNet50 } from '../../src/runtime/bases/definitions/index.js';
import { baseOf } from '../../src/runtime/bases/base.js';
import { present } from '../../src/common/errors.js';
import { runnerOf } from '../../src/runtime/engines/index.js';
import { dataKinds } from '../../src/runtime/data/index.js';
import { inputsOf, programOf } from '../../src/runtime/graph/index.js';
import { uniform } from '../../src/common/random.js';
import { contestants } from './jobs.js';
import { runCheck, type PythonJob } from './python.js';

const pictures = 4;

/** Prints how far the peers' features of some noise are from Graft's, as a fraction of the largest one. */
export async function checkAgreement(options: Omit<PythonJob, 'measure' | 'contestant'>): Promise<void> {
  const { job, weights, folder } = options;
  await mkdir(folder, { recursive: true });
  const random = uniform(7);
  const noise = Uint8Array.from({ length: pictures * 224 * 224 * 3 }, () => 256 * random());
  await writeFile(path.join(folder, 'noise.u8'), noise);

  const build = job.base === 'resnet50' ? resNet50 : mobileNetV2;
  const base = await build({ weights, includeTop: false, inputShape: [224, 224, 3], pooling: 'avg' });
  const { preprocessing } = present(baseOf(base), 'The base').info;
  const runner = runnerOf(
    programOf(base),
    inputsOf(dataKinds.image, { size: [224, 224], resize: 'crop' }, preprocessing),
  );
  const pixels = { data: noise, shape: [pictures, 224, 224, 3] };
  const own = present((await runner.run({ pixels }))[0], 'Features').data;
  await runner.dispose();

  const largest = own.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  for (const id of ['torch-guide', 'keras-guide']) {
    const contestant = present(
      contestants.find((one) => one.id === id),
      id,
    );
    await runCheck({ ...options, contestant });
    const bytes = await readFile(path.join(folder, `${contestant.framework}.f32`));
    const theirs = new Float32Array(Uint8Array.from(bytes).buffer);
    const difference = own.reduce((most, value, i) => Math.max(most, Math.abs(value - (theirs[i] ?? NaN))), 0);
    console.log(
      `${job.base}: ${contestant.framework} differs from Graft by ${(difference / largest).toExponential(1)}`,
    );
  }
}
