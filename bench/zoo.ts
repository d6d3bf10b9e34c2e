/**
 * Every application of Keras 3 and of tf_keras, saved and loaded: how far its numbers in Graft are from Keras's.
 *
 * node tools/bench.mjs zoo --python PYTHON [--converter PYTHON] [--only NAME…] [--keras keras|tf_keras] [--size PIXELS] [--work FOLDER]
 *     [--table bench/zoo.md]
 *
 * PYTHON has what bench/zoo/requirements.txt lists; which packages a converter needs is said there too, without one there is no
 * model.json. The smallest of each family come first. What is measured already (--work) is not measured again; after each, the table of
 * all is written.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';

import { packageFolder } from '../src/common/package-folder.js';
import type { tf } from '../src/runtime/tf.js';
import { Answering } from './zoo/answering.js';
import { measureFormats } from './zoo/measure.js';
import { inOrder } from './zoo/order.js';
import {
  kerases,
  modes,
  stepMatches,
  type Facts,
  type GradientDifference,
  type Kind,
  type Measured,
  type Outcome,
  type Versions,
} from './zoo/results.js';
import { table } from './zoo/table.js';

const root = packageFolder();
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    python: { type: 'string', default: process.env['GRAFT_BENCH_PYTHON'] ?? 'python3' },
    converter: { type: 'string' },
    only: { type: 'string', multiple: true },
    keras: { type: 'string' },
    size: { type: 'string' },
    work: { type: 'string', default: path.join(os.tmpdir(), 'graft-zoo') },
    table: { type: 'string', default: path.join(root, 'bench', 'zoo.md') },
    /** What this process starts for one application: its folder. Memory that a model took comes back with its end. */
    measure: { type: 'string' },
  },
});

/** What a process prints as its last line. @throws Error with its last words. */
async function run(command: string, args: readonly string[]): Promise<string> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const [out, errors, [status, signal]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null, string | null]>,
  ]);
  if (status === 0) return lastLine(out);
  throw new Error(lastLine(errors) || `ended with ${String(status ?? signal)}`);
}

const lastLine = (lines: string) => lines.trim().split('\n').at(-1) ?? '';

const applications = new Answering(options.python, path.join(root, 'bench', 'zoo', 'applications.py'));
const converter =
  options.converter === undefined
    ? undefined
    : new Answering(options.converter, path.join(root, 'bench', 'zoo', 'convert.py'));

async function writeJson(file: string, value: unknown): Promise<void> {
  await writeFile(`${file}.part`, `${JSON.stringify(value, undefined, 2)}\n`);
  await rename(`${file}.part`, file);
}

async function measured(work: string): Promise<Measured[]> {
  const files = (await readdir(work)).filter((name) => name.endsWith('.json'));
  return await Promise.all(
    files.map(async (name) => JSON.parse(await readFile(path.join(work, name), 'utf8')) as Measured),
  );
}

/** Has model.json made of the .h5; returns why there is none. */
async function convert(folder: string, { parameters }: Facts): Promise<string | undefined> {
  if (converter === undefined) return 'no converter was given';
  const [from, to] = [path.join(folder, 'model.h5'), path.join(folder, 'tfjs')];
  const file = path.join(to, 'model.json');
  try {
    if (!existsSync(file)) await converter.ask('convert', from, to);
  } catch (error) {
    return `the converter fails: ${String(error)}`;
  }
  const { weightsManifest } = JSON.parse(await readFile(file, 'utf8')) as tf.io.ModelJSON;
  const shapes = weightsManifest.flatMap(({ weights }) => weights.map(({ shape }) => shape));
  const values = shapes.reduce((sum, shape) => sum + shape.reduce((product, side) => product * side, 1), 0);
  if (values === parameters) return undefined;
  await rm(to, { recursive: true });
  return `the converter leaves out ${parameters - values} of its ${parameters} numbers`;
}

/** Of the pictures. At 96 an Inception ends in one place per map, where rounding makes many a ReLU jump. */
const sizeOf = (name: string) => Number(options.size ?? (name.startsWith('Inception') ? 139 : 96));

/** Has Keras make an application; where it cannot, why. */
async function make(keras: Kind, name: string, folder: string): Promise<Facts | string> {
  // A run that was ended half-way left them.
  const made = path.join(folder, 'facts.json');
  if (existsSync(made)) return JSON.parse(await readFile(made, 'utf8')) as Facts;
  try {
    return (await applications.ask('make', keras, name, folder, sizeOf(name))) as Facts;
  } catch (error) {
    return `Keras cannot make it: ${String(error)}`;
  }
}

async function measure(keras: Kind, folder: string, facts: Facts): Promise<Pick<Measured, 'converter' | 'outcome'>> {
  const converter = await convert(folder, facts);
  const outcome = JSON.parse(await run(process.execPath, [process.argv[1] ?? '', '--measure', folder])) as Outcome;
  for (const format of outcome.formats) {
    if (format.problem === undefined || format.file === 'tfjs/model.json') continue;
    // What Keras cannot read itself either is no fault of ours.
    try {
      const read = (await applications.ask('read', keras, path.join(folder, format.file), folder)) as {
        readonly difference: number;
      };
      format.inKeras = read.difference;
    } catch (error) {
      format.inKeras = String(error);
    }
  }
  for (const mode of modes) {
    const step = outcome.steps[mode];
    if (!('problem' in step) && !stepMatches(step, facts.float64[mode]))
      step.moved = (await applications.ask('move', keras, folder, mode)) as GradientDifference;
  }
  return { ...(converter === undefined ? {} : { converter }), outcome };
}

if (options.measure !== undefined) {
  const folder = options.measure;
  const facts = JSON.parse(await readFile(path.join(folder, 'facts.json'), 'utf8')) as Facts;
  process.stdout.write(`\n${JSON.stringify(await measureFormats(folder, facts))}\n`);
  process.exit(0);
}

const { versions, ...all } = (await applications.ask('list')) as { readonly versions: Versions } & Record<
  Kind,
  readonly string[]
>;
/** --only A B C: parseArgs takes B and C for arguments of their own. */
const only = options.only && [...options.only, ...positionals];
const ordered = inOrder(all);
const chosen = only?.flatMap((wanted) => ordered.filter(({ name }) => name === wanted)) ?? ordered;
const work = path.resolve(options.work);
await mkdir(work, { recursive: true });
const left = chosen
  .filter(({ keras }) => (options.keras ?? keras) === keras)
  .map((one) => ({ ...one, folder: path.join(work, `${one.keras}-${one.name}`) }))
  .filter(({ folder }) => !existsSync(`${folder}.json`));
const makeNext = (next = left.shift()) =>
  next && { ...next, facts: make(next.keras, next.name, next.folder), start: performance.now() };
// Keras makes one while Graft loads the one before.
for (let one = makeNext(); one !== undefined;) {
  const { keras, name, folder, start } = one;
  const facts = await one.facts;
  one = makeNext();
  const result: Measured = {
    ...{ keras, name, size: sizeOf(name), date: new Date().toISOString().slice(0, 10), versions },
    ...(typeof facts === 'string' ? { problem: facts } : { facts, ...(await measure(keras, folder, facts)) }),
  };
  await writeJson(`${folder}.json`, result);
  await rm(folder, { recursive: true, force: true });
  console.log(`${kerases[keras]} ${name}: ${((performance.now() - start) / 1000).toFixed(0)} s`);
  await writeFile(options.table, table(await measured(work), all));
}
await writeFile(options.table, table(await measured(work), all));
for (const process of [applications, converter]) process?.end();
