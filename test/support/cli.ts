import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import type { RunEvent, RunInfo, RunReport } from '../../src/protocol/index.js';

export interface Finished {
  readonly code: number | null;
  readonly out: string;
  readonly error: string;
}

/** The built command line. */
export const cli = path.resolve('dist', 'cli.js');

/** Starts `graft` in a folder. */
export function start(
  workspace: string,
  ...words: readonly string[]
): { child: ChildProcess; finished: Promise<Finished> } {
  const child = spawn(process.execPath, [cli, ...words], { cwd: workspace, stdio: ['ignore', 'pipe', 'pipe'] });
  let [out, error] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (error += chunk.toString()));
  const finished = new Promise<Finished>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      resolve({ code, out, error });
    });
  });
  return { child, finished };
}

/** Runs `graft` in a folder to its end. */
export async function graft(workspace: string, ...words: readonly string[]): Promise<Finished> {
  return await start(workspace, ...words).finished;
}

export function events(run: string): RunEvent[] {
  const file = path.join(run, 'events.ndjson');
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as RunEvent);
}

export function runInfo(run: string): RunInfo {
  return JSON.parse(readFileSync(path.join(run, 'run.json'), 'utf8')) as RunInfo;
}

export function report(run: string): RunReport<'classification'> {
  return JSON.parse(readFileSync(path.join(run, 'report.json'), 'utf8')) as RunReport<'classification'>;
}

export function runFolders(workspace: string): string[] {
  const folder = path.join(workspace, '.graft', 'runs');
  return readdirSync(folder)
    .sort()
    .map((name) => path.join(folder, name));
}

/** Waits until a condition holds; fails after `seconds`. */
export async function until(condition: () => boolean, seconds = 60): Promise<void> {
  const end = Date.now() + seconds * 1000;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`Waited ${seconds} s in vain.`);
    await sleep(20);
  }
}
