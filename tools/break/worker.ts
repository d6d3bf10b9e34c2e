/**
 * Runs steps in a workspace, one case after the other, in a process of its own: `graft` as its file on the disk says, its command
 * line given and its output kept; and what the editor calls in the service.
 */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';

import { findData } from '../../src/runtime/data/image/detect.js';
import { decodeMany, imageData } from '../../src/runtime/data/index.js';
import { squeezeNet } from '../../src/runtime/bases/definitions/index.js';
import { loadBase } from '../../src/runtime/bases/load-base.js';
import { makeRandomRepeatable } from '../../src/common/random.js';
import { describeModel } from '../../src/runtime/service/describe-model.js';
import { tf } from '../../src/runtime/tf.js';
import { peakOf } from './processes.js';
import type { Outcome, Reply, Request, Step } from './types.js';

let imports = 0;

const calls: Record<string, (argument: string) => Promise<unknown>> = {
  '@base': async (file) => await outputsOf(() => loadBase(file, { preprocessing: 'tf' })),
  '@named': async (file) =>
    await outputsOf(() => squeezeNet({ weights: file, includeTop: false, inputShape: [32, 32, 3] })),
  '@describe': describeModel,
  '@data': picturesOf,
};

process.on('message', (request: Request) => {
  void work(request).then((reply) => process.send?.(reply));
});

async function work({ workspace, steps }: Request): Promise<Reply> {
  process.chdir(workspace);
  resetPeak();
  const outcomes: Outcome[] = [];
  for (const step of steps) outcomes.push(await runStep(step));
  return { outcomes, peak: peakOf('self') };
}

async function runStep([name = '', ...rest]: Step): Promise<Outcome> {
  const call = calls[name];
  if (call === undefined) return await runCommand([name, ...rest]);
  try {
    return { code: 0, out: JSON.stringify(await call(rest[0] ?? '')), error: '' };
  } catch (error) {
    // As the editor and the training process show it: with what to do where it is an error for people.
    const isOurs = error instanceof Error && error.name === 'GraftError' && 'action' in error;
    const message = error instanceof Error ? error.message : String(error);
    return {
      code: 1,
      out: '',
      error: isOurs ? `${message} ${String(error.action)}\n` : message,
      ...(isOurs ? {} : { stack: error instanceof Error ? (error.stack ?? message) : message }),
    };
  } finally {
    tf.disposeVariables();
  }
}

/**
 * The command line's own file, evaluated once more: its chunks, TensorFlow.js among them, stay loaded. Not `cli.js`, which only
 * looks at Node's version: it does not wait for what it starts, and starts it once.
 */
async function runCommand(words: readonly string[]): Promise<Outcome> {
  const written = { out: '', error: '' };
  const [out, error] = [process.stdout.write.bind(process.stdout), process.stderr.write.bind(process.stderr)];
  const keep = (name: 'out' | 'error') => (chunk: unknown) => {
    written[name] += typeof chunk === 'string' ? chunk : Buffer.from(chunk as Uint8Array).toString();
    return true;
  };
  const file = new URL('../command-line.js', import.meta.url);
  process.argv = [process.execPath, file.pathname, ...words];
  process.exitCode = undefined;
  process.stdout.write = keep('out');
  process.stderr.write = keep('error');
  try {
    await import(`${file.href}?${String(++imports)}`);
  } finally {
    process.stdout.write = out;
    process.stderr.write = error;
  }
  return { code: exitCode(), ...written };
}

/** The compiler believes that it is still what it was set to. */
function exitCode(): number {
  return Number(process.exitCode ?? 0);
}

async function outputsOf(load: () => Promise<tf.LayersModel>): Promise<unknown> {
  makeRandomRepeatable();
  const base = await load();
  const [, height = 0, width = 0] = (base.inputs[0]?.shape ?? []).map(Number);
  const output = tf.tidy(() => {
    const pixels = tf.linspace(-1, 1, height * width * 3).reshape([1, height, width, 3]);
    return base.predict(pixels) as tf.Tensor;
  });
  const numbers = await output.data();
  const result = { shape: output.shape, input: base.inputs[0]?.shape, hash: hashOf(numbers) };
  output.dispose();
  return result;
}

async function picturesOf(location: string): Promise<unknown> {
  const dataset = await imageData(location, { size: [16, 16] });
  const { classes, train, validation, report, hash } = dataset;
  const hashes: string[] = [];
  const examples = [...train, ...validation];
  const items = examples.map((example) => ({ example, view: 0 }));
  for await (const decoded of decodeMany(items, { size: [16, 16], resize: 'crop', augment: undefined, seed: 0 }))
    hashes[decoded.index] = 'error' in decoded ? decoded.error.message : hashOf(decoded.pixels);
  const rows = examples.map(({ id, label }, i) => [id, label, hashes[i]]);
  return {
    classes,
    rows,
    hash,
    duplicates: report.duplicates,
    skipped: report.skipped,
    kind: (await findData(location)).skipped.length,
  };
}

function hashOf(data: ArrayBufferView): string {
  return createHash('sha256')
    .update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
    .digest('hex');
}

/** So that the peak is this case's own, where the system can do that. */
function resetPeak(): void {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
    readFileSync('/proc/self/status');
  } catch {
    // Then it is the highest of all cases so far.
  }
}
