import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import type { RunEvent } from '../../src/protocol/index.js';
import { readEvents, readRun } from '../../src/runs/read.js';
import { phaseSeconds } from '../phases.js';
import { batchSize, weightDecay, type Job, type Style } from './jobs.js';
import { measure } from './measure.js';
import type { Result } from './results.js';

export interface GraftJob {
  readonly job: Job;
  readonly style: Style;
  readonly data: string;
  readonly weights: string;
  /** The workspace: script, runs and cache lie in it. */
  readonly workspace: string;
  readonly cli: string;
}

type Outcome = Omit<Result, 'contestant' | 'title' | 'date'>;

/** Scaffolds a script, as a user does, and sets in it what the job says; only the training is measured. */
export async function runGraft(options: GraftJob): Promise<Outcome> {
  const { job, workspace, cli } = options;
  if (job.again === undefined) await rm(workspace, { recursive: true, force: true });
  await mkdir(workspace, { recursive: true });
  await writeScript(options);
  const run = path.join(workspace, '.graft', 'runs', `${job.id}-${Date.now()}`);
  const measured = await measure(process.execPath, [cli, 'train', 'train.ts', '--run-dir', run], workspace);
  const { report } = await readRun(run);
  const events: RunEvent[] = [];
  await readEvents(run, (event) => events.push(event));
  if (report === undefined) throw new Error(`${run} has no report`);
  const begins = events.find((event) => event.type === 'phase')?.time ?? NaN;
  return {
    job: job.id,
    seconds: measured.seconds,
    importSeconds: (begins - measured.started) / 1000,
    epochs: job.epochs,
    epochSeconds: events.flatMap((event) => (event.type === 'epoch' ? [event.ms / 1000] : [])),
    phases: phaseSeconds(events),
    peakMemory: measured.peakMemory,
    accuracy: report.metrics.accuracy,
  };
}

async function writeScript({ job, style, data, weights, workspace, cli }: GraftJob): Promise<void> {
  const technique = style === 'regression' ? 'feature-extraction' : 'fine-tune';
  const out = path.join(workspace, 'train.ts');
  await rm(out, { force: true });
  const freezing = job.kind === 'fine-tune' ? ['--freeze-up-to', job.frozen] : [];
  const args = ['new', '--technique', technique, '--data', data, '--base', weights, '--out', out, ...freezing];
  await measure(process.execPath, [cli, ...args], workspace);
  if (style === 'fit') await writeFile(out, settingsOf(job).reduce(replaced, await readFile(out, 'utf8')));
}

/** Where the scaffold's defaults (augmentation, a head trained first, schedules) are not what the job says. */
function settingsOf({ kind, epochs, rate }: Job): readonly (readonly [RegExp, string])[] {
  const frozen: Record<Job['kind'], string> = { features: 'freeze(base);', 'fine-tune': '$&', everything: '' };
  return [
    [/\n {2}augment: .*/, ''],
    [/freeze\(base.*/, frozen[kind]],
    [/epochs: \d+/, `epochs: ${epochs}`],
    [/headEpochs: .*/, `headEpochs: 0,\n  fineTuneRate: 1,`],
    [/batchSize: \d+/, `batchSize: ${batchSize}`],
    [/weightDecay: [^ ]+/, `weightDecay: ${weightDecay}`],
    [/learningRate: .*/, `learningRate: ${rate},`],
    [/\n {2}labelSmoothing: .*/, ''],
    [/\n {2}earlyStopping: .*/, kind === 'everything' ? "\n  batchNormalization: 'training'," : ''],
  ];
}

function replaced(script: string, [pattern, text]: readonly [RegExp, string]): string {
  if (!pattern.test(script)) throw new Error(`The scaffolded script lacks ${pattern.source}`);
  return script.replace(pattern, text);
}
