/**
 * A workspace that came with a download, and every command of the command line in it: nothing is connected to, nobody is signalled,
 * nothing outside is written, and what is said is a sentence without a stack and without anything that a terminal acts upon.
 */
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { before, describe, test } from 'node:test';
import { promisify } from 'node:util';

import { cli } from '../support/cli.js';
import { craftWorkspace, snapshot, type Crafted } from '../support/crafted.js';
import { labels, writeModel, writePictures, type Damage } from '../support/crafted-model.js';
import { hostileNames, liveInHtml, liveInTerminal } from '../support/hostile.js';
import { fixtures } from '../support/made-up.js';

interface Result {
  readonly words: readonly string[];
  readonly code: number | null;
  readonly late: boolean;
  readonly out: string;
  readonly error: string;
  readonly ms: number;
  readonly connections: number;
  /** Signals, and an end. */
  readonly felt: string;
}

/** A PID namespace, where this machine has them: there a signal to −1 reaches only what the test has started. */
const namespace = [
  ['unshare', '--pid', '--fork', '--mount-proc'],
  ['unshare', '--user', '--map-root-user', '--pid', '--fork', '--mount-proc'],
].find(([program = '', ...words]) => spawnSync(program, [...words, 'true']).status === 0);
if (namespace === undefined)
  console.log('  No PID namespace here: numbers of processes that are not our own are not tried.');

const run = promisify(execFile);
const stack =
  /^\s+at .*:\d+:\d+\)?$|node:internal|Cannot read propert|is not a function|is not iterable|\[object Object\]|Maximum call stack|UnhandledPromise/m;

/** Runs commands beside a process that nobody may signal and sockets that nobody may connect to. */
async function inside(
  { workspace, own, sockets }: Crafted,
  commands: readonly (readonly string[])[],
): Promise<Result[]> {
  const file = path.join(mkdtempSync(path.join(os.tmpdir(), 'graft-commands-')), 'commands.json');
  const env = { HOME: own, XDG_CACHE_HOME: path.join(own, 'cache'), TMPDIR: path.join(own, 'tmp') };
  const runs = path.join(workspace, '.graft', 'runs');
  const all = commands.map((words) => [cli, ...words]);
  writeFileSync(file, JSON.stringify({ cwd: workspace, env, sockets, runs, commands: all }));
  const words = [...(namespace ?? []), process.execPath, 'test/support/in-namespace.mjs', file];
  const { stdout } = await run(words[0] ?? '', words.slice(1), { maxBuffer: 1 << 28 });
  return JSON.parse(stdout) as Result[];
}

/** What must be true of every command, whatever it was given. */
function check(result: Result): void {
  const { words, code, late, out, error, connections, felt } = result;
  const said = `graft ${words.join(' ').slice(0, 200)}: ${error.slice(0, 600)}`;
  assert.equal(late, false, `no answer in 60 s: ${said}`);
  assert.equal(connections, 0, `connected: ${said}`);
  assert.equal(felt, '', `signalled: ${said}`);
  assert.ok(code !== null && code <= 2, `exit code ${code}: ${said}`);
  assert.equal(liveInTerminal(out), undefined, said);
  assert.equal(liveInTerminal(error), undefined, said);
  assert.doesNotMatch(out + error, stack, said);
  if (code === 0) return;
  const lines = (error === '' ? out : error).trim().split('\n');
  assert.notEqual(lines[0], '', `a sentence: ${said}`);
  // After the last words of a process that could say nothing else itself.
  const most = lines[0]?.startsWith('The training process ended with code') === true ? 7 : 2;
  assert.ok(lines.length <= most, `one sentence: ${said}`);
}

describe('a crafted workspace: runs', () => {
  const crafted = craftWorkspace({ anyPid: namespace !== undefined });
  let results: Result[] = [];
  let untouched: Record<string, string> = {};
  /** By its folder, a run is found whatever its run.json says. */
  const folder = (name: string) => path.join('.graft', 'runs', name);
  const commands = [
    ['runs'],
    ['runs', '--json'],
    ['report', 'latest'],
    ['stop', '\u001b[2J'],
    ['resume', '../outside/linked'],
    ...crafted.runs.flatMap((name) => commandsFor(name).map(([word = '', ...more]) => [word, folder(name), ...more])),
  ];

  before(async () => {
    untouched = snapshot(crafted.outside);
    results = await inside(crafted, chosen(commands));
  });

  for (const words of chosen(commands)) {
    test(`graft ${words.join(' ')}`, () => {
      const result = results.find((one) => one.words.join(' ') === words.join(' '));
      assert.ok(result !== undefined);
      check(result);
    });
  }

  test('nothing outside was made or changed', () => {
    const after = snapshot(crafted.outside);
    // The sockets are the test's own.
    delete after['s.sock'];
    assert.deepEqual(after, untouched);
  });

  test('lists of runs have the rows of those that can be read, and JSON that can be parsed', () => {
    const list = results.find(({ words }) => words.join(' ') === 'runs');
    assert.equal(list?.code, 0);
    assert.ok(list.out.split('\n').length > hostileNames.length, list.out);
    const json = JSON.parse(results.find(({ words }) => words.join(' ') === 'runs --json')?.out ?? '') as unknown[];
    assert.ok(json.length > hostileNames.length);
  });

  test('a report of hostile names is a page with nothing alive in it', () => {
    const page = readFileSync(path.join(crafted.workspace, 'report.html'), 'utf8');
    assert.equal(liveInHtml(page), undefined);
  });
});

const deep = `{"a":${'['.repeat(100_000)}`;
const graft = (at: string, value: unknown): Damage => ({ file: 'graft.json', at: [at], value });
const weights = (value: unknown): Damage => ({
  file: 'model.json',
  at: ['weightsManifest', 0, 'paths'],
  value: [value],
});
const layers = ['modelTopology', 'config', 'layers'] as const;
const input = (layer: string): Damage => ({
  ...{ file: 'model.json', at: [...layers, 2, 'inbound_nodes'], value: [[[layer, 0, 0, {}]]] },
});
/** What is wrong with a model's folder; each is refused in a sentence. */
const damages: Readonly<Record<string, Damage>> = {
  'graft null': { file: 'graft.json', value: 'null' },
  'graft deep': { file: 'graft.json', value: deep },
  'topology deep': { file: 'model.json', value: deep },
  'topology null': { file: 'model.json', value: 'null' },
  'weights outside': weights('../../../outside/secret.bin'),
  'weights of a device': weights('/dev/zero'),
  'weights of the network': weights('http://127.0.0.1:9/x'),
  'a class missing': graft('classes', ['a', 'b', 'c']),
  'classes of another kind': graft('classes', [7, {}, null, []]),
  'a size without end': graft('size', [2 ** 30, 2 ** 30]),
  'a hostile preprocessing': graft('preprocessing', hostileNames.join('')),
  'a hostile loss': graft('loss', hostileNames.join('')),
  'hashes of another kind': graft('hashes', [hostileNames]),
  'a layer without an input': input('nowhere'),
  'a layer that is its own input': input('bn'),
  'a hostile kind of layer': { file: 'model.json', at: [...layers, 1, 'class_name'], value: hostileNames.join('') },
  'no layers': { file: 'model.json', at: layers, value: {} },
  'weights of another shape': {
    file: 'model.json',
    at: ['weightsManifest', 0, 'weights', 0, 'shape'],
    value: [1e9, 1e9],
  },
};

describe('a crafted workspace: models, pictures and scripts', () => {
  const crafted = craftWorkspace({ anyPid: false });
  const { workspace, outside } = crafted;
  const four = labels.slice(0, 4);
  const script = `train-\u001b]0;x\u0007\u202e$(trash).ts`;
  const training = (data: string) => `import { fit, imageCsv, imageFolder, loadBase, freeze, tf } from 'graftjs';
const data = await ${data};
const base = await loadBase('base.h5', { preprocessing: 'tf' });
freeze(base);
const x = tf.layers.globalAveragePooling2d({}).apply(base.outputs) as tf.SymbolicTensor;
const y = tf.layers.dense({ units: data.classes.length, activation: 'softmax' }).apply(x) as tf.SymbolicTensor;
await fit(tf.model({ inputs: base.inputs, outputs: y }), data, { epochs: 1 });
`;
  const scripts: Readonly<Record<string, string>> = {
    [script]: training("imageFolder('pictures', { size: [16, 16] })"),
    'csv.ts': training("imageCsv('labels.csv', { size: [16, 16] })"),
    'throws.ts': `throw new Error(${JSON.stringify(hostileNames.join(' '))});`,
    'prints.ts': `process.stdout.write(${JSON.stringify(hostileNames.join('\n'))}); process.exit(7);`,
    'rejects.ts': `await Promise.reject(${JSON.stringify(hostileNames.join(' '))});`,
  };
  /** Commands that must do what they are asked, hostile names or not. */
  const good = [
    ['predict', 'models/good', 'pictures'],
    ['predict', 'models/good', 'pictures', '--json'],
    ['evaluate', 'models/good', '--data', 'pictures'],
    ['evaluate', 'models/good', '--data', 'pictures', '--json'],
    ['evaluate', 'models/good', '--data', 'labels.csv'],
    // A table may name pictures anywhere: one of these is a picture.
    ['evaluate', 'models/good', '--data', 'outside.csv'],
    ['export', 'models/good', '--to', 'onnx'],
    ['export', 'models/good', '--to', 'tfjs', '--json'],
    [
      'new',
      '--technique',
      'feature-extraction',
      '--data',
      'pictures',
      '--base',
      'sapling',
      '--out',
      'new-\u001b[2J.ts',
    ],
    [
      ...['new', '--technique', 'feature-extraction', '--data', 'labels.csv'],
      ...['--base', 'base.h5', '--preprocessing', 'unit', '--out', 'new.ts'],
    ],
    ['train', script],
    ['train', script, '--json'],
    ['train', 'csv.ts'],
    ['prove', script],
    ['report', 'latest'],
    ['find-learning-rate', script],
    ['runs'],
    ['doctor'],
    ['doctor', '--json'],
  ];
  const bad = [
    ['train', 'throws.ts'],
    ['train', 'prints.ts'],
    ['train', 'rejects.ts'],
    ['train', '\u001b[2J.ts'],
    ['train', '--\u001b[2J'],
    ['\u009b2J'],
    ['predict', '\u001b[2J', '\u202e.png'],
    ['predict', 'models/good', '\u001b[2J.png'],
    ['evaluate', 'models/good', '--data', '\u001b[2J'],
    ['new', '--technique', 'fine-tune', '--data', '\u001b[2J', '--base', '\u001b[2J', '--out', 'x.ts'],
    [
      'new',
      '--technique',
      'fine-tune',
      '--data',
      'pictures',
      '--base',
      'sapling',
      '--freeze-up-to',
      '\u001b[2J',
      '--out',
      'y.ts',
    ],
    ...Object.keys(damages).flatMap((name) => [['predict', `models/${name}`, 'pictures']]),
    ...['a class missing', 'weights outside', 'a layer without an input', 'graft deep'].flatMap((name) => [
      ['evaluate', `models/${name}`, '--data', 'pictures'],
      ['export', `models/${name}`, '--to', 'onnx'],
    ]),
  ];
  let untouched: Record<string, string> = {};
  let results: Result[] = [];
  before(async () => {
    for (const [name, text] of Object.entries(scripts)) writeFileSync(path.join(workspace, name), text);
    cpSync(path.join(fixtures, 'tiny.h5'), path.join(workspace, 'base.h5'));
    await writePictures(path.join(workspace, 'pictures'), four, 6);
    const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
    const rows = four.flatMap((label) =>
      readdirSync(path.join(workspace, 'pictures', label)).map(
        (name) => `${quoted(path.join('pictures', label, name))},${quoted(label)}`,
      ),
    );
    writeFileSync(path.join(workspace, 'labels.csv'), ['path,label', ...rows, ''].join('\n'));
    const ways = [
      '../outside/secret.png',
      '/etc/passwd',
      '/dev/zero',
      '\\\\evil.example\\x.png',
      'http://127.0.0.1:9/x.png',
    ];
    const away = ways.map((file, i) => `${quoted(file)},${quoted(hostileNames[i % 2] ?? '')}`);
    writeFileSync(path.join(workspace, 'outside.csv'), ['path,label', ...away, ''].join('\n'));
    await writeModel(path.join(workspace, 'models/good'), four);
    for (const [name, damage] of Object.entries(damages))
      await writeModel(path.join(workspace, 'models', name), four, damage);
    untouched = snapshot(outside);
    results = await inside(crafted, chosen([...good, ...bad]));
  });

  for (const [commands, works] of [
    [good, true],
    [bad, false],
  ] as const)
    for (const words of chosen(commands)) {
      test(`graft ${JSON.stringify(words.join(' '))}`, () => {
        const result = results.find((one) => one.words.join(' ') === words.join(' '));
        assert.ok(result !== undefined);
        check(result);
        assert.equal(result.code === 0, works, result.error.slice(0, 600) || result.out.slice(0, 600));
        if (words.includes('--json'))
          for (const line of words[0] === 'train' ? result.out.trim().split('\n') : [result.out])
            assert.doesNotThrow(() => JSON.parse(line) as unknown, line.slice(0, 300));
      });
    }

  test('nothing outside was made or changed', () => {
    const after = snapshot(outside);
    delete after['s.sock'];
    assert.deepEqual(after, untouched);
  });
});

/** What is done with a run of such a name. */
function commandsFor(name: string): readonly (readonly string[])[] {
  const kind = name.replace(/-\d+$/, '');
  switch (kind) {
    case 'victim':
    case 'paused':
    case 'linked':
      return [['stop'], ['resume'], ['report']];
    case 'socket':
    case 'nonce':
    case 'pid':
      return [['stop']];
    case 'name':
      // The list shows all of them.
      return Number(name.slice('name-'.length)) % 6 === 0 ? [['stop']] : [];
    case 'value':
      return [['resume']];
    case 'report':
    case 'mistakes':
      return [['report'], ['report', '--html', `${name}.html`]];
    case 'linked-files':
    case 'kinds':
    case 'elsewhere':
      return [['resume']];
    default:
      return [['report']];
  }
}

/** For whoever looks at a few of them: GRAFT_CRAFTED=report. */
function chosen(commands: readonly (readonly string[])[]): readonly (readonly string[])[] {
  const { GRAFT_CRAFTED: word } = process.env;
  return word === undefined ? commands : commands.filter((words) => words.join(' ').includes(word));
}
