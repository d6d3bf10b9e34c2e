import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';

/** What a tool of ours printed, and how it ended. */
async function tool(name: string, ...words: readonly string[]): Promise<{ code: number | null; out: string }> {
  const child = spawn(process.execPath, [path.resolve('tools', name), ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let out = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  return await new Promise((resolve) => {
    child.once('close', (code) => {
      resolve({ code, out });
    });
  });
}

test('of a hundred damaged files none harms, and none that has a checksum changes a result silently', async () => {
  const { code, out } = await tool('break.mjs', '--seed', '20', '--files', '100');
  assert.match(out, /^100 tried, 0 faults$/m, out);
  assert.equal(code, 0);
});

test('of sixty damaged models none harms, whatever is in them that is whole', async () => {
  const formats = ['h5', 'keras', 'weights.h5', 'tfjs', 'saved model', 'onnx'];
  const among = formats.flatMap((name) => ['--format', name]);
  const { code, out } = await tool('break.mjs', '--seed', '31', '--files', '60', ...among);
  assert.match(out, /^60 tried, 0 faults$/m, out);
  assert.equal(code, 0);
});

test('five killed and resumed trainings end as one that was not', { skip: process.platform === 'win32' }, async () => {
  const { code, out } = await tool('kill.mjs', '--seed', '20', '--trials', '5');
  assert.match(out, /^5 trials, [1-9]\d* kills, 0 differences, 0 files left$/m, out);
  assert.equal(code, 0);
});
