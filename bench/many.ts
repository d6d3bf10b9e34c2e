/**
 * Memory of a training on many pictures, from its beginning to its end: node tools/bench.mjs many [--pictures 50000] [--epochs 3]
 *
 * The pictures are made up: 28 × 28 pixels of ten classes, in IDX files, on sapling. Linux only.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { uniform } from '../src/common/random.js';
import type { RunEvent } from '../src/protocol/index.js';
import { readEvents, readRun } from '../src/runs/read.js';

const { values: options } = parseArgs({
  options: { pictures: { type: 'string', default: '50000' }, epochs: { type: 'string', default: '3' } },
});
const [pictures, side, classes] = [Number(options.pictures), 28, 10];
const cli = path.resolve('dist/cli.js');
const workspace = await mkdtemp(path.join(os.tmpdir(), 'graft-many-'));

function idx(magic: number, sizes: readonly number[], content: Uint8Array): Buffer {
  const header = Buffer.alloc(4 + 4 * sizes.length);
  header.writeUInt32BE(magic);
  sizes.forEach((size, i) => header.writeUInt32BE(size, 4 + 4 * i));
  return Buffer.concat([header, content]);
}

/** A bar at a height of its class, in noise. */
async function writePictures(): Promise<string> {
  const random = uniform(1);
  const labels = Uint8Array.from({ length: pictures }, (_, i) => i % classes);
  const pixels = new Uint8Array(pictures * side * side);
  for (let i = 0; i < pixels.length; i++) {
    const row = Math.floor((i % (side * side)) / side);
    const bar = Math.floor(row / 2.8) === labels[Math.floor(i / (side * side))];
    pixels[i] = random() * 160 + (bar ? 80 : 0);
  }
  const folder = path.join(workspace, 'data');
  await mkdir(folder);
  await writeFile(path.join(folder, 'train-images-idx3-ubyte'), idx(0x803, [pictures, side, side], pixels));
  await writeFile(path.join(folder, 'train-labels-idx1-ubyte'), idx(0x801, [pictures], labels));
  return 'data';
}

async function writeScript(data: string): Promise<void> {
  const words = ['new', '--technique', 'fine-tune', '--data', data, '--base', 'sapling', '--out', 'train.ts'];
  const { status, stderr } = spawnSync(process.execPath, [cli, ...words], { cwd: workspace, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  const script = path.join(workspace, 'train.ts');
  const text = await readFile(script, 'utf8');
  const changed = text
    .replace(/\n {2}augment: .*/, '')
    .replace(/(?<= epochs: )\d+/, options.epochs)
    .replace(/headEpochs: .*/, 'headEpochs: 1,');
  await writeFile(script, changed);
}

interface Sample {
  readonly time: number;
  readonly bytes: number;
}

/** Runs the script, and reads twice a second how much memory the training process has. */
async function train(): Promise<Sample[]> {
  const child = spawn(process.execPath, [cli, 'train', 'train.ts', '--run-dir', 'run'], {
    cwd: workspace,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const samples: Sample[] = [];
  const sampler = setInterval(() => {
    void memoryOf(path.join(workspace, 'run')).then((bytes) => {
      if (bytes > 0) samples.push({ time: Date.now(), bytes });
    });
  }, 500);
  const code = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve));
  clearInterval(sampler);
  if (code !== 0) throw new Error(`graft train ended with ${code}`);
  return samples;
}

async function memoryOf(run: string): Promise<number> {
  try {
    const { pid } = JSON.parse(await readFile(path.join(run, 'run.json'), 'utf8')) as { pid: number };
    return Number(/^VmRSS:\s*(\d+) kB/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

try {
  await writeScript(await writePictures());
  const samples = await train();
  const { report } = await readRun(path.join(workspace, 'run'));
  const events: RunEvent[] = [];
  await readEvents(path.join(workspace, 'run'), (event) => events.push(event));
  /** A line for each part of the run that ends at a moment. */
  const print = (title: string, from: number, to: number) => {
    const sizes = samples.filter(({ time }) => time > from && time <= to).map(({ bytes }) => bytes);
    if (sizes.length === 0) return;
    console.log(
      `  ${title.padEnd(24)} ${(Math.max(...sizes) / 1e6).toFixed(0).padStart(6)} MB  ${((to - from) / 1000).toFixed(0).padStart(4)} s`,
    );
  };
  console.log(`${pictures} pictures: the most memory in each part`);
  let since = events[0]?.time ?? 0;
  let tenth = 1;
  for (const event of events) {
    if (event.type === 'progress' && event.phase === 'prefix' && event.done >= (tenth * event.total) / 10) {
      print(`frozen layers, ${event.done}`, since, event.time);
      since = event.time;
      tenth = Math.floor((10 * event.done) / event.total) + 1;
    }
    if (event.type === 'epoch') {
      print(`${event.stage}, epoch ${event.epoch}`, since, event.time);
      since = event.time;
    }
  }
  console.log(`  accuracy ${((report?.metrics.accuracy ?? NaN) * 100).toFixed(1)} %`);
} finally {
  await rm(workspace, { recursive: true, force: true });
}
