import { createHash } from 'node:crypto';
import {
  cpSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { hostileNames } from './hostile.js';

/** A folder that came with a download: everything in it was chosen by somebody else. */
export interface Crafted {
  /** Holds `workspace`, `outside`, which nobody may touch, and `own`, where a user's own files go. */
  readonly folder: string;
  readonly workspace: string;
  readonly outside: string;
  readonly own: string;
  /** Where nobody may connect to. */
  readonly sockets: readonly string[];
  /** Names of the folders in `.graft/runs`. */
  readonly runs: readonly string[];
}

/** Names that a file may have here. */
export const fileNames = hostileNames.filter(
  (name) => !name.includes('/') && Buffer.byteLength(name) < 200 && !/[\ud800-\udfff]/u.test(name),
);

const nonce = '0123456789abcdef';

export interface CraftOptions {
  /** Whether every number may be tried: `kill(-1)` must not reach anybody. */
  readonly anyPid: boolean;
}

export function craftWorkspace({ anyPid }: CraftOptions): Crafted {
  const folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'graft-crafted-')));
  const [workspace, outside, own] = ['workspace', 'outside', 'own'].map((name) => path.join(folder, name)) as [
    string,
    string,
    string,
  ];
  for (const name of [workspace, outside, path.join(own, 'tmp')]) mkdirSync(name, { recursive: true });
  const sockets = [path.join(outside, 's.sock'), path.join(own, 'tmp', 's.sock'), path.join(own, 's.sock')];
  const info = {
    ...{ protocol: 1, script: path.join(workspace, 'train.ts'), scriptHash: '', arguments: [], workspace },
    ...{ versions: { node: '20.0.0' }, platform: 'linux-x64', engine: 'auto', purpose: 'train' },
    ...{ pid: '@victim', nonce, socket: sockets[0], startTime: Date.now() },
  };
  const runs: string[] = [];
  const started = { type: 'started', time: 1, protocol: 1, pid: '@victim', nonce, script: info.script, resumed: false };
  const ended = [started, { type: 'done', time: 9 }];
  const run = (
    name: string,
    json: unknown,
    events: readonly unknown[] = [started],
    report?: unknown,
    at = workspace,
  ) => {
    const made = at === workspace ? path.join(workspace, '.graft', 'runs', name) : path.join(at, name);
    mkdirSync(path.join(made, 'checkpoints'), { recursive: true });
    write(path.join(made, 'run.json'), json);
    writeFileSync(path.join(made, 'events.ndjson'), events.map((event) => `${text(event)}\n`).join(''));
    writeFileSync(path.join(made, 'heartbeat'), '');
    if (report !== undefined) write(path.join(made, 'report.json'), report);
    if (at === workspace) runs.push(name);
    return made;
  };

  // Whom it connects to and whom it signals.
  run('victim', { ...info, id: 'victim' });
  run('paused', { ...info, id: 'paused' }, [started, { type: 'paused', time: 2 }]);
  for (const [i, socket] of [sockets[1], sockets[2], '\\\\evil.example\\pipe\\x', '', '/dev/null', 7].entries())
    run(`socket-${i}`, { ...info, id: `socket-${i}`, socket });
  for (const [i, hostile] of ['../s', '../../s', path.join(outside, 's'), '', 's/../../s', 'x'.repeat(5_000)].entries())
    run(`nonce-${i}`, { ...info, id: `nonce-${i}`, nonce: hostile });
  const pids = ['@-victim', 1.5, '7', null, {}, 2 ** 40, -(2 ** 40), ...(anyPid ? [0, 1, -1, 2] : [])];
  for (const [i, pid] of pids.entries()) run(`pid-${i}`, { ...info, id: `pid-${i}`, pid });

  // Names and kinds of values.
  for (const [i, name] of hostileNames.entries()) {
    const folder = `name-${String(i).padStart(2, '0')}`;
    const failed = [
      { ...started, script: name },
      { type: 'failed', time: 9, message: name, action: name },
    ];
    // The newest, in this order: what a list shows first.
    const startTime = info.startTime + 1_000 - i;
    const named = {
      ...info,
      startTime,
      pid: 999_999,
      id: folder,
      script: `/w/${name}`,
      platform: name,
      versions: { node: name },
    };
    run(folder, named, failed);
    // What no run of ours has there.
    if (i < 8)
      run(`value-${i}`, { ...named, id: name, engine: name, purpose: name, versions: { [name]: name } }, failed);
  }
  for (const [i, json] of [null, 7, '"', '[]', '{}', '['.repeat(100_000), `{"a":${'['.repeat(100_000)}`].entries())
    run(`json-${i}`, json);
  run(
    'kinds',
    { ...info, pid: 999_999, id: 'kinds', arguments: 'no', workspace: 7, versions: null, startTime: 1e300 },
    ended,
  );
  run('elsewhere', {
    ...info,
    pid: 999_999,
    id: 'elsewhere',
    script: path.join(outside, 'train.ts'),
    workspace: outside,
  });

  // Logs and reports.
  const gone = { ...info, pid: 999_999 };
  const data = { type: 'data', time: 2, directory: '/', classes: [], duplicates: 0, skipped: [] };
  run('log-kinds', { ...gone, id: 'log-kinds' }, [
    ...[started, data, { ...data, classes: 7, skipped: { length: 3 } }, { ...data, directory: 7 }],
    ...['epoch', 'progress', 'model', 'stage', 'batch', 'learningRates', 'saved', 'warning', 'phase', 'checkpoint'].map(
      (type) => ({ type, time: 3 }),
    ),
    ...['{"type":"failed","time":"now"}', '['.repeat(100_000), 'x'.repeat(1 << 20), '\u001b[2J', '', '\u0000'],
    { type: '__proto__', time: 3 },
    { type: 'failed', time: 9, message: 7, action: {} },
  ]);
  const report = reportOf(hostileNames.slice(0, 4));
  run('report', { ...gone, id: 'report' }, ended, report);
  for (const [i, damaged] of [
    ...['', '{', '[]', 'null', '['.repeat(100_000), 7, {}],
    ...[
      { ...report, classes: 7 },
      { ...report, metrics: null },
      { ...report, confusion: [['<b>']] },
    ],
    ...[
      { ...report, perClass: [null] },
      { ...report, mistakes: [{ file: 7 }] },
      { ...report, timing: 'soon' },
    ],
    ...[
      { ...report, created: 7 },
      { ...report, history: [{}, {}] },
      { ...report, hashes: null, skipped: 'all' },
    ],
    ...[{ ...report, metrics: { accuracy: '\u001b[2J', loss: '<b>', macroF1: {} } }],
  ].entries())
    run(`report-${String(i).padStart(2, '0')}`, { ...gone, id: `report-${i}` }, ended, damaged);
  run('mistakes', { ...gone, id: 'mistakes' }, [started, data, { type: 'done', time: 9 }], {
    ...report,
    mistakes: ['../../../outside/secret.png', path.join(outside, 'secret.png'), '/dev/zero', '/etc/passwd#3'].map(
      (file) => ({ file, actual: 'a', predicted: 'b', confidence: 1 }),
    ),
  });

  // Ways out.
  writeFileSync(
    path.join(outside, 'train.ts'),
    "import { writeFileSync } from 'node:fs';\nwriteFileSync('touched', '');\n",
  );
  writeFileSync(path.join(outside, 'secret.bin'), Buffer.alloc(4096, 7));
  cpSync('sample/garden/leaf/leaf-01.jpg', path.join(outside, 'secret.png'));
  mkdirSync(path.join(outside, 'cache'));
  run('linked', { ...gone, id: 'linked', workspace: outside }, [started], undefined, outside);
  symlinkSync(path.join(outside, 'linked'), path.join(workspace, '.graft', 'runs', 'linked'));
  runs.push('linked');
  const files = run('linked-files', { ...gone, id: 'linked-files' });
  for (const name of ['output.log', 'reserve', 'room'])
    symlinkSync(path.join(outside, `made-by-${name}`), path.join(files, name));
  return { folder, workspace, outside, own, sockets, runs };
}

/** A report that is whole, of classes with such names. */
export function reportOf(classes: readonly string[]) {
  const metrics = { loss: 1, accuracy: 0.5, macroF1: 0.5 };
  const epoch = { stage: 'head', epoch: 1, train: metrics, validation: metrics, learningRate: 0.1, ms: 5 };
  const name = classes[0] ?? '';
  return {
    ...{ status: 'done', technique: 'fine-tuning', base: name, engine: 'onnxruntime', classes, metrics },
    perClass: classes.map((label) => ({ name: label, precision: 1, recall: 1, f1: 1, support: 2 })),
    confusion: classes.map((_, i) => classes.map((__, j) => (i === j ? 2 : 0))),
    mistakes: [{ file: name, actual: name, predicted: name, confidence: 0.9 }],
    skipped: [{ file: name, reason: name }],
    timing: { decode: 1, prefix: 1, train: 1, evaluate: 1, total: 1 },
    ...{
      seed: 1,
      hashes: { data: 'a', base: 'b', model: 'c' },
      history: [epoch, epoch],
      created: '2026-01-01T00:00:00Z',
    },
  };
}

/** Every file below a folder: what it is, and its content. Links are not followed. */
export function snapshot(folder: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .sort()
      .map((name) => {
        const file = path.join(folder, name);
        const entry = lstatSync(file);
        const kind = entry.isFile()
          ? createHash('sha256').update(readFileSync(file)).digest('hex')
          : entry.isDirectory()
            ? 'folder'
            : 'other';
        return [name, entry.isFile() ? `${kind} ${entry.mtimeMs}` : kind];
      }),
  );
}

function write(file: string, value: unknown): void {
  writeFileSync(file, text(value));
}

/** A text is what the file holds; anything else becomes JSON. */
function text(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
