/**
 * What the scaffolded fine-tuning script reaches, and in which time, over several seeds:
 * node tools/bench.mjs fine-tune --data FOLDER --base MODEL [--seeds 7,8,9] [--freeze-up-to LAYER]
 *
 * MODEL is a file or the name of an application. Each run is the command line in a folder of its own, with an empty cache.
 */
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

import type { RunEvent } from '../src/protocol/index.js';
import { readEvents, readRun } from '../src/runs/read.js';
import { phaseSeconds } from './phases.js';

const { values: options } = parseArgs({
  options: {
    data: { type: 'string' },
    base: { type: 'string', default: 'sapling' },
    seeds: { type: 'string', default: '7,8,9' },
    'freeze-up-to': { type: 'string' },
  },
});
if (options.data === undefined) throw new Error('Name a folder of labelled pictures: --data FOLDER');
const [data, base] = [
  path.resolve(options.data),
  options.base.includes('/') ? path.resolve(options.base) : options.base,
];
const cli = path.resolve('dist/cli.js');

function graft(workspace: string, ...args: string[]): void {
  const { status, stderr } = spawnSync(process.execPath, [cli, ...args], { cwd: workspace, encoding: 'utf8' });
  if (status !== 0) throw new Error(`graft ${args.join(' ')} ended with ${String(status)}: ${stderr}`);
}

const accuracies: number[] = [];
for (const seed of options.seeds.split(',')) {
  const workspace = await mkdtemp(path.join(os.tmpdir(), 'graft-fine-tune-'));
  const freezing = options['freeze-up-to'] === undefined ? [] : ['--freeze-up-to', options['freeze-up-to']];
  graft(workspace, 'new', '--technique', 'fine-tune', '--data', data, '--base', base, '--out', 'train.ts', ...freezing);
  const script = path.join(workspace, 'train.ts');
  await writeFile(script, (await readFile(script, 'utf8')).replace(/seed: \d+/, `seed: ${seed}`));
  const start = performance.now();
  graft(workspace, 'train', 'train.ts', '--run-dir', 'run');
  const seconds = (performance.now() - start) / 1000;
  const { report } = await readRun(path.join(workspace, 'run'));
  const events: RunEvent[] = [];
  await readEvents(path.join(workspace, 'run'), (event) => events.push(event));
  if (report === undefined) throw new Error('The run has no report.');
  const phases = Object.entries(phaseSeconds(events)).map(([name, spent]) => `${name} ${spent.toFixed(0)} s`);
  const epochs = events.filter(({ type }) => type === 'epoch').length;
  accuracies.push(report.metrics.accuracy);
  console.log(
    `seed ${seed}: ${(100 * report.metrics.accuracy).toFixed(1)} % in ${seconds.toFixed(0)} s, ${epochs} epochs (${phases.join(', ')})`,
  );
  await rm(workspace, { recursive: true, force: true });
}
const mean = accuracies.reduce((sum, value) => sum + value, 0) / accuracies.length;
console.log(`mean ${(100 * mean).toFixed(1)} %`);
