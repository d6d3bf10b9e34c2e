/**
 * Every application of Keras 3 and of tf_keras, saved and loaded: how far its numbers in Graft are from Keras's.
 *
 * node tools/bench.mjs zoo --python PYTHON [--converter PYTHON] [--only NAME…] [--keras keras|tf_keras] [--size 96] [--work FOLDER]
 *     [--table bench/zoo.md]
 *
 * PYTHON has what bench/zoo/requirements.txt lists; which packages a converter needs is said there too, without one there is no
 * model.json. The smallest of each family come first. What is measured already (--work) is not measured again; after each, the table of
 * all is written.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { packageFolder } from '../src/common/package-folder.js';
import type { tf } from '../src/runtime/tf.js';
import { measureFormats } from './zoo/measure.js';
import { inOrder } from './zoo/order.js';
import { kerases, type Facts, type Kind, type Measured, type Versions } from './zoo/results.js';
import { table } from './zoo/table.js';

const root = packageFolder();
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    python: { type: 'string', default: process.env['GRAFT_BENCH_PYTHON'] ?? 'python3' },
    converter: { type: 'string' },
    only: { type: 'string', multiple: true },
    keras: { type: 'string' },
    size: { type: 'string', default: '96' },
    work: { type: 'string', default: path.join(os.tmpdir(), 'graft-zoo') },
    table: { type: 'string', default: path.join(root, 'bench', 'zoo.md') },
    /** What this process starts for one application: its folder. Memory that a model took comes back with its end. */
    measure: { type: 'string' },
  },
});

/** What a process prints as its last line. @throws Error with its last words. */
function run(command: string, args: readonly string[]): string {
  const { status, signal, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 2 ** 26 });
  if (status === 0) return stdout.trim().split('\n').at(-1) ?? '';
  throw new Error(stderr.trim().split('\n').at(-1) ?? `ended with ${String(status ?? signal)}`);
}

const python = (...args: string[]) =>
  JSON.parse(run(options.python, [path.join(root, 'bench', 'zoo.py'), ...args])) as unknown;

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
function convert(folder: string, { parameters }: Facts): string | undefined {
  if (options.converter === undefined) return 'no converter was given';
  const [from, to] = [path.join(folder, 'model.h5'), path.join(folder, 'tfjs')];
  const file = path.join(to, 'model.json');
  try {
    if (!existsSync(file))
      run(options.converter, ['-m', 'tensorflowjs.converters.converter', '--input_format=keras', from, to]);
  } catch (error) {
    return `the converter fails: ${String(error)}`;
  }
  const { weightsManifest } = JSON.parse(readFileSync(file, 'utf8')) as tf.io.ModelJSON;
  const shapes = weightsManifest.flatMap(({ weights }) => weights.map(({ shape }) => shape));
  const values = shapes.reduce((sum, shape) => sum + shape.reduce((product, side) => product * side, 1), 0);
  if (values === parameters) return undefined;
  rmSync(to, { recursive: true });
  return `the converter leaves out ${parameters - values} of its ${parameters} numbers`;
}

function measure(keras: Kind, name: string, folder: string, size: number): Measured {
  const shared = { keras, name, size, date: new Date().toISOString().slice(0, 10), versions };
  let facts: Facts;
  try {
    // A run that was ended half-way left them.
    const made = path.join(folder, 'facts.json');
    facts = (
      existsSync(made) ? JSON.parse(readFileSync(made, 'utf8')) : python('make', keras, name, folder, String(size))
    ) as Facts;
  } catch (error) {
    return { ...shared, problem: `Keras cannot make it: ${String(error)}` };
  }
  const converter = convert(folder, facts);
  const outcome = JSON.parse(
    run(process.execPath, [process.argv[1] ?? '', '--measure', folder]),
  ) as Measured['outcome'];
  for (const format of outcome?.formats ?? []) {
    if (format.problem === undefined || format.file === 'tfjs/model.json') continue;
    // What Keras cannot read itself either is no fault of ours.
    try {
      const read = python('read', keras, path.join(folder, format.file), folder) as { readonly difference: number };
      format.inKeras = read.difference;
    } catch (error) {
      format.inKeras = String(error);
    }
  }
  return { ...shared, facts, ...(converter === undefined ? {} : { converter }), ...(outcome && { outcome }) };
}

if (options.measure !== undefined) {
  const folder = options.measure;
  const facts = JSON.parse(await readFile(path.join(folder, 'facts.json'), 'utf8')) as Facts;
  process.stdout.write(`\n${JSON.stringify(await measureFormats(folder, facts))}\n`);
  process.exit(0);
}

const { versions, ...all } = python('list') as { readonly versions: Versions } & Record<Kind, readonly string[]>;
/** --only A B C: parseArgs takes B and C for arguments of their own. */
const only = options.only && [...options.only, ...positionals];
const ordered = inOrder(all);
const chosen = only?.flatMap((wanted) => ordered.filter(({ name }) => name === wanted)) ?? ordered;
const work = path.resolve(options.work);
await mkdir(work, { recursive: true });
for (const { keras, name } of chosen) {
  if ((options.keras ?? keras) !== keras) continue;
  const file = path.join(work, `${keras}-${name}.json`);
  if (existsSync(file)) continue;
  const folder = path.join(work, `${keras}-${name}`);
  const start = performance.now();
  const result = measure(keras, name, folder, Number(options.size));
  await writeJson(file, result);
  await rm(folder, { recursive: true, force: true });
  const seconds = ((performance.now() - start) / 1000).toFixed(0);
  console.log(`${kerases[keras]} ${name}: ${seconds} s`);
  await writeFile(options.table, table(await measured(work), all));
}
await writeFile(options.table, table(await measured(work), all));
