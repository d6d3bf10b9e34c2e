import { spawnSync } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import { GraftError } from '../../src/common/errors.js';
import { batchSize, weightDecay, type Contestant, type Job } from './jobs.js';
import { measure } from './measure.js';
import type { Result } from './results.js';

export interface PythonJob {
  readonly job: Job;
  readonly contestant: Contestant;
  readonly data: string;
  readonly weights: string;
  /** Guide-style loops run at most this many epochs. */
  readonly measure: number;
  readonly folder: string;
  readonly python: string;
  /** bench/peers */
  readonly scripts: string;
}

/** What bench/peers/common.py prints. */
interface Printed {
  readonly imports: number;
  readonly phases: Readonly<Record<string, number>>;
  readonly epochs: readonly number[];
  readonly accuracies: readonly number[];
}

/** Versions of what the peers need. @throws GraftError that says how to get what is missing. */
export function peerVersions(python: string, scripts: string): Record<string, string> {
  const packages = ['torch', 'torchvision', 'tensorflow', 'keras', 'h5py'];
  const program = `import json, importlib; print(json.dumps({p: importlib.import_module(p).__version__ for p in ${JSON.stringify(packages)}}))`;
  const { status, stdout, stderr, error } = spawnSync(python, ['-c', program], { encoding: 'utf8' });
  if (status !== 0) {
    const reason = error?.message ?? stderr.trim().split('\n').at(-1) ?? '';
    throw new GraftError(`${python} lacks what Graft is compared with: ${reason}.`, {
      action: `Run python3 -m venv peers && peers/bin/pip install -r ${path.join(scripts, 'requirements.txt')}, then give --python peers/bin/python.`,
    });
  }
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as Record<string, string>;
}

export async function runPython(options: PythonJob): Promise<Omit<Result, 'contestant' | 'title' | 'date'>> {
  const { job, contestant, folder } = options;
  const measuredEpochs = contestant.style === 'guide' ? Math.min(options.measure, job.epochs) : job.epochs;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const { stdout, seconds, peakMemory } = await start(options, measuredEpochs, false);
  const printed = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Printed;
  return {
    job: job.id,
    seconds: seconds + (job.epochs - measuredEpochs) * (printed.epochs.at(-1) ?? 0),
    importSeconds: printed.imports,
    epochs: job.epochs,
    epochSeconds: printed.epochs,
    phases: { ...printed.phases, train: printed.epochs.reduce((sum, value) => sum + value, 0) },
    peakMemory,
    accuracy: Math.max(...printed.accuracies),
  };
}

/** Has a peer read `folder`/noise.u8 and write what the base makes of it, pooled, to `folder`/<framework>.f32. */
export async function runCheck(options: Omit<PythonJob, 'measure'>): Promise<void> {
  await start({ ...options, measure: 0 }, 0, true);
}

function start(
  { job, contestant, data, weights, folder, python, scripts }: PythonJob,
  measured: number,
  check: boolean,
) {
  const settings = {
    job: job.kind,
    style: contestant.style,
    base: job.base,
    data,
    weights,
    out: folder,
    epochs: job.epochs,
    measure: measured,
    batch: batchSize,
    rate: job.rate,
    decay: weightDecay,
    frozen: job.frozen,
    compile: contestant.compile ?? false,
    threads: os.availableParallelism(),
    check,
  };
  const script = path.join(scripts, contestant.framework === 'PyTorch' ? 'torch_peer.py' : 'keras_peer.py');
  // A compiler's cache of an earlier run is no part of a first run.
  const cache = path.join(folder, 'inductor');
  return measure(python, [script, JSON.stringify(settings)], scripts, {
    CUDA_VISIBLE_DEVICES: '',
    TORCHINDUCTOR_CACHE_DIR: cache,
  });
}
