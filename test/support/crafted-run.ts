import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';

import type { RunInfo, RunReport } from '../../src/protocol/index.js';

/** What a run's folder holds; what is left out is as a training would write it. `run` and `report` may be anything. */
export interface CraftedRun {
  readonly run?: Readonly<Record<string, unknown>> | string;
  readonly events?: readonly (object | string)[];
  readonly report?: Readonly<Record<string, unknown>> | string;
  /** Freshly touched: as if it went on. */
  readonly heartbeat?: boolean;
}

export const goodNonce = '0123456789abcdef';

export function goodInfo(workspace: string, id: string): RunInfo {
  return {
    protocol: 1,
    id,
    script: path.join(workspace, 'train.ts'),
    scriptHash: createHash('sha256').update('').digest('hex'),
    arguments: [],
    workspace,
    versions: { node: process.versions.node },
    platform: `${process.platform}-${process.arch}`,
    engine: 'auto',
    purpose: 'train',
    pid: 2 ** 22 + 7,
    nonce: goodNonce,
    startTime: 1_700_000_000_000,
  };
}

export function goodReport(): RunReport<'classification'> {
  const metrics = { loss: 0.5, accuracy: 0.75, macroF1: 0.7 };
  return {
    status: 'done',
    technique: 'feature-extraction',
    base: 'sapling',
    engine: 'wasm',
    classes: ['a', 'b'],
    metrics,
    perClass: ['a', 'b'].map((name) => ({ name, precision: 1, recall: 0.5, f1: 2 / 3, support: 2 })),
    confusion: [
      [2, 0],
      [1, 1],
    ],
    mistakes: [{ file: 'a/1.png', actual: 'b', predicted: 'a', confidence: 0.9 }],
    skipped: [],
    timing: { decode: 1, prefix: 1, train: 1, evaluate: 1, total: 5 },
    seed: 7,
    hashes: { data: 'd', base: 'b', model: 'm' },
    history: [{ stage: 'head', epoch: 1, train: metrics, validation: metrics, learningRate: 0.1, ms: 1 }],
    created: '2026-01-01T00:00:00.000Z',
  };
}

/** Writes a run's folder, as a download may bring it. Returns it. */
export function craftRun(workspace: string, id: string, crafted: CraftedRun = {}): string {
  const folder = path.join(workspace, '.graft', 'runs', id);
  mkdirSync(path.join(folder, 'checkpoints'), { recursive: true });
  const { run = {}, report, events = [] } = crafted;
  const text = (value: object | string) => (typeof value === 'string' ? value : JSON.stringify(value));
  writeFileSync(
    path.join(folder, 'run.json'),
    text(typeof run === 'string' ? run : { ...goodInfo(workspace, id), ...run }),
  );
  writeFileSync(path.join(folder, 'events.ndjson'), events.map((event) => `${text(event)}\n`).join(''));
  if (report !== undefined)
    writeFileSync(
      path.join(folder, 'report.json'),
      text(typeof report === 'string' ? report : { ...goodReport(), ...report }),
    );
  if (crafted.heartbeat === true) writeFileSync(path.join(folder, 'heartbeat'), '');
  return folder;
}

/** What is no number of a process; the first ones mean groups of processes to the system. */
export const noPids: readonly unknown[] = [0, -1, -2, 1.5, '1', 2 ** 40, null, [2], Number.MAX_SAFE_INTEGER];

/** What is never signalled: the group of the first process of the machine is everybody. */
export const hostilePids: readonly unknown[] = [1, ...noPids];

/** What would climb out of a folder, or name another machine, if a path were made of it. */
export const hostileNonces: readonly unknown[] = [
  '../../x',
  '..\\..\\x',
  '\\\\host\\share\\x',
  '/tmp/x',
  '',
  `${goodNonce}0`,
  goodNonce.toUpperCase(),
  `${goodNonce}\n`,
  42,
];

/** A socket of ours that a run.json names: whoever believes it connects, and is counted. */
export async function trap(): Promise<{
  readonly path: string;
  readonly connections: () => number;
  readonly close: () => void;
}> {
  let count = 0;
  const server = net.createServer((socket) => {
    count++;
    socket.destroy();
  });
  const name = `graft-trap-${process.pid}-${Date.now().toString(36)}`;
  const where = process.platform === 'win32' ? `\\\\.\\pipe\\${name}` : path.join(os.tmpdir(), `${name}.sock`);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(where, resolve);
  });
  server.unref();
  return { path: where, connections: () => count, close: () => server.close() };
}
