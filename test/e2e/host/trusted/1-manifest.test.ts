import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

import { describe, it } from 'mocha';
import * as vscode from 'vscode';

import { assertInTime } from '../../../support/steady.js';
import { extension, manifest } from '../support.js';

/** DESIGN: what the command palette offers. */
const palette = [
  'New Fine-Tuning Script…',
  'New Feature-Extraction Script…',
  'Train on This Folder…',
  'Open Training Panel',
  'Stop Training',
  'Resume Training',
  'Compare Runs',
  'Evaluate Model',
  'Try Model',
  'Export Model…',
  'Check Environment',
  'Open Sample Workspace',
];

describe('extension', () => {
  it('is not active before somebody needs it, and activates in under 30 ms', async function () {
    assert.equal(extension.isActive, false);
    // The window is still starting, on the same processors: what is measured is the extension, not that.
    await sleep(8_000);
    const small = vscode.extensions.getExtension('vscode.grunt');
    assert.ok(small !== undefined && !small.isActive);
    const yardstick = await activated(small);
    const { ms, processor } = await activated(extension);
    const note = `: ${ms.toFixed(1)} ms, ${processor.toFixed(1)} ms of processor time; the editor’s own for Grunt ${yardstick.ms.toFixed(1)} ms, ${yardstick.processor.toFixed(1)} ms`;
    if (this.test !== undefined) this.test.title += note;
    // What it takes from the host: on a busy machine the clock also counts what others do meanwhile.
    const remark = await assertInTime(Math.min(ms, processor) < 30, note);
    if (this.test !== undefined) this.test.title += remark;
  });

  it('registers every command that it contributes', async () => {
    const registered = new Set(await vscode.commands.getCommands(true));
    const missing = manifest.contributes.commands.filter(({ command }) => !registered.has(command));
    assert.deepEqual(missing, []);
  });

  it('contributes the commands of the palette, under Graft', () => {
    const plain = (title: string) => title.replace('…', '');
    const titles = manifest.contributes.commands
      .filter(({ category }) => category === 'Graft')
      .map(({ title }) => plain(title));
    assert.deepEqual(
      palette.filter((title) => !titles.includes(plain(title))),
      [],
    );
  });

  it('loads nothing of TensorFlow.js, ONNX Runtime or sharp into the extension host', () => {
    const native = Object.keys(require.cache).filter((file) => /tensorflow|onnxruntime|[\\/]sharp[\\/]/.test(file));
    assert.deepEqual(native, []);
  });
});

async function activated(one: vscode.Extension<unknown>): Promise<{ readonly ms: number; readonly processor: number }> {
  const [started, before] = [performance.now(), onProcessor()];
  await one.activate();
  return { ms: performance.now() - started, processor: onProcessor() - before };
}

/** Milliseconds that this thread has had a processor, where the system tells: others of the process collect and compile beside it. */
function onProcessor(): number {
  const times = `/proc/self/task/${process.pid}/schedstat`;
  if (existsSync(times)) {
    // The system adds up when a thread gives its processor away.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    return Number(readFileSync(times, 'utf8').split(' ')[0]) / 1e6;
  }
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
