import { spawn } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';

import { GraftError } from '../../src/common/errors.js';

export interface Measured {
  readonly stdout: string;
  /** From the start of the process to its end. */
  readonly seconds: number;
  /** Milliseconds since the epoch. */
  readonly started: number;
  /** Bytes of the process and all that it started, at their largest; what processes share counts once. Linux only. */
  readonly peakMemory: number | undefined;
}

/** Reading what a process has mapped takes its time. */
const sampleMs = 500;

/** Runs a command to its end. @throws GraftError with the end of what it said, when it fails. */
export async function measure(command: string, args: readonly string[], cwd: string, env = {}): Promise<Measured> {
  const started = Date.now();
  const begin = performance.now();
  const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  let peak = 0;
  const sampler = setInterval(() => {
    void treeMemory(child.pid ?? 0).then((bytes) => (peak = Math.max(peak, bytes)));
  }, sampleMs);
  try {
    const code = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve));
    const seconds = (performance.now() - begin) / 1000;
    if (code !== 0)
      throw new GraftError(`${command} ${args.join(' ')} ended with ${code}.`, {
        action: `It said:\n${(stdout + stderr).split('\n').slice(-30).join('\n')}`,
      });
    return { stdout, seconds, started, peakMemory: peak === 0 ? undefined : peak };
  } finally {
    clearInterval(sampler);
  }
}

/** Proportional set size of a process and its descendants; 0 where there is no /proc. */
async function treeMemory(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
  const own = Number(/^Pss:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) * 1024;
  const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
  const children = await Promise.all(
    threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/children`, 'utf8').catch(() => '')),
  );
  const ids = children.flatMap((line) => line.split(' ').filter(Boolean)).map(Number);
  return (await Promise.all(ids.map(treeMemory))).reduce((sum, bytes) => sum + bytes, own);
}
