/**
 * The same jobs in Graft, PyTorch and Keras, one process each, on this machine: seconds, peak memory, accuracy.
 *
 * node tools/bench.mjs peers [--data FOLDER] [--photos 2000] [--jobs a,b,c,d,e] [--contestants graft,torch-guide,…]
 *     [--python PYTHON] [--epochs N] [--guide-epochs N] [--mobilenet-v2 WEIGHTS] [--resnet50 WEIGHTS] [--work FOLDER] [--out FOLDER] [--check]
 *
 * --check: compares what the three make of the same pixels, and ends.
 *
 * WEIGHTS: imagenet (the default), random, an .h5, or a model.json (MobileNetV2). Without --data: pictures drawn by
 * tools/sample. --guide-epochs: measure so many epochs of a guide's loop and count the others as the last one. What --out
 * holds of other jobs and contestants is kept. A small
 * try: --photos 100 --epochs 2 --mobilenet-v2 random --resnet50 random --out /tmp/try.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { packageFolder } from '../src/common/package-folder.js';
import { chooseData } from './peers/data.js';
import { checkAgreement } from './peers/check.js';
import { runGraft } from './peers/graft.js';
import { contestants, jobs, type Contestant, type Job } from './peers/jobs.js';
import { picture } from './peers/picture.js';
import { peerVersions, runPython } from './peers/python.js';
import type { Result, Results } from './peers/results.js';
import { table } from './peers/table.js';
import { prepareWeights, type BaseName } from './peers/weights.js';

const root = packageFolder();
const { values: options } = parseArgs({
  options: {
    data: { type: 'string' },
    photos: { type: 'string', default: '2000' },
    jobs: { type: 'string', default: jobs.map(({ id }) => id).join() },
    contestants: { type: 'string', default: contestants.map(({ id }) => id).join() },
    python: { type: 'string', default: process.env['GRAFT_BENCH_PYTHON'] ?? 'python3' },
    epochs: { type: 'string' },
    'guide-epochs': { type: 'string', default: '1000' },
    'mobilenet-v2': { type: 'string', default: 'imagenet' },
    resnet50: { type: 'string', default: 'imagenet' },
    check: { type: 'boolean', default: false },
    work: { type: 'string', default: path.join(os.tmpdir(), 'graft-bench') },
    out: { type: 'string', default: path.join(root, 'bench', 'results') },
  },
});
const work = path.resolve(options.work);
const out = path.resolve(options.out);
const scripts = path.join(root, 'bench', 'peers');
const cli = path.join(root, 'dist', 'cli.js');
const data = path.join(work, 'data');

/** Drawn pictures, for whoever has no photos at hand. */
function drawn(): string {
  const folder = path.join(work, 'drawn');
  const perClass = Math.ceil(Number(options.photos) / 4) + 1;
  const { status } = spawnSync(
    process.execPath,
    [path.join(root, 'tools', 'sample', 'make.mjs'), folder, `${perClass}`],
    {
      stdio: 'inherit',
    },
  );
  if (status !== 0) throw new Error('tools/sample/make.mjs failed');
  return folder;
}

function weightsOf(base: BaseName): string {
  return path.join(work, `${base}.h5`);
}

async function run(job: Job, contestant: Contestant): Promise<Result> {
  const shared = { job, data, weights: weightsOf(job.base) };
  const folder = path.join(work, `${job.again ?? job.id}-${contestant.id}`);
  const outcome =
    contestant.framework === 'Graft'
      ? await runGraft({ ...shared, style: contestant.style, workspace: folder, cli })
      : await runPython({
          ...shared,
          contestant,
          folder,
          python: options.python,
          scripts,
          measure: Number(options['guide-epochs']),
        });
  return { ...outcome, contestant: contestant.id, title: contestant.title, date: new Date().toISOString() };
}

/** A second run needs the first one's script and cache. */
async function prepareAgain(job: Job, contestant: Contestant): Promise<void> {
  if (job.again === undefined || contestant.framework !== 'Graft') return;
  if (existsSync(path.join(work, `${job.again}-${contestant.id}`, '.graft', 'cache'))) return;
  const first = jobs.find(({ id }) => id === job.again);
  if (first !== undefined) await run(first, contestant);
}

const versions = { graft: 'this checkout', node: process.versions.node, ...peerVersions(options.python, scripts) };
await mkdir(work, { recursive: true });
await mkdir(out, { recursive: true });
await chooseData(options.data ?? drawn(), data, Number(options.photos));
for (const base of ['mobilenet-v2', 'resnet50'] as const)
  await prepareWeights(base, options[base], weightsOf(base), data);

if (options.check) {
  for (const job of jobs.filter(({ id }) => id === 'a' || id === 'b')) {
    const folder = path.join(work, `check-${job.base}`);
    await checkAgreement({ job, data, weights: weightsOf(job.base), folder, python: options.python, scripts });
  }
  process.exit(0);
}

const file = path.join(out, 'peers.json');
const before = existsSync(file) ? (JSON.parse(await readFile(file, 'utf8')) as Results).results : [];
let results: Results = {
  machine: `${os.cpus()[0]?.model ?? ''}, ${os.availableParallelism()} cores, ${Math.round(os.totalmem() / 2 ** 30)} GB, ${os.type()}`,
  versions,
  photos: Number(options.photos),
  data: options.data === undefined ? 'drawn' : path.basename(options.data),
  weights: { 'mobilenet-v2': path.basename(options['mobilenet-v2']), resnet50: path.basename(options.resnet50) },
  results: before,
};
for (const listed of jobs.filter(({ id }) => options.jobs.split(',').includes(id))) {
  const job = { ...listed, epochs: Math.min(listed.epochs, Number(options.epochs ?? listed.epochs)) };
  for (const contestant of contestants) {
    if (!options.contestants.split(',').includes(contestant.id) || !contestant.kinds.includes(job.kind)) continue;
    await prepareAgain(job, contestant);
    const result = await run(job, contestant);
    console.log(
      `${job.id} ${contestant.id.padEnd(16)} ${result.seconds.toFixed(1)} s, ${(100 * result.accuracy).toFixed(1)} %`,
    );
    const others = results.results.filter((other) => other.job !== job.id || other.contestant !== contestant.id);
    results = { ...results, results: [...others, result] };
    await writeFile(file, `${JSON.stringify(results, undefined, 2)}\n`);
    await writeFile(path.join(out, 'peers.md'), table(results));
    await writeFile(path.join(out, 'peers.svg'), picture(results));
  }
}
process.exit(0);
