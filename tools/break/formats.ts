import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

import type { Format, Outcome } from './types.js';

const text = (_: string, outcomes: readonly Outcome[]) => outcomes.map(({ out }) => out).join('\n');

/** What a training ended with: weights and report, but for times. */
function trained(folder: string) {
  return (workspace: string) => {
    const [report, weights] = [
      path.join(workspace, folder, 'report.json'),
      path.join(workspace, folder, 'model', 'weights.bin'),
    ];
    if (!existsSync(report) || !existsSync(weights)) return '';
    const { metrics, perClass, confusion, mistakes, skipped, hashes, history } = JSON.parse(
      readFileSync(report, 'utf8'),
    ) as Record<string, unknown>;
    const epochs = (history as Record<string, unknown>[]).map((epoch) => ({ ...epoch, ms: 0 }));
    const hash = createHash('sha256').update(readFileSync(weights)).digest('hex');
    return JSON.stringify({ metrics, perClass, confusion, mistakes, skipped, hashes, history: epochs, hash });
  };
}

const picture = (extension: string, checked: boolean): Format => ({
  name: extension,
  files: [`pictures/${extension}`],
  steps: [['evaluate', 'model', '--data', `pictures/${extension}`, '--json']],
  result: text,
  checked,
});

const base = (name: string, file: string, checked: boolean, files = [file]): Format => ({
  name,
  files,
  steps: [
    ['@base', file],
    ['@describe', file],
  ],
  result: text,
  checked,
  readsOnly: true,
});

const resume = ['resume', 'stopped'];
const runFile = (file: string, steps: Format['steps'], checked: boolean): Format => ({
  name: file,
  files: [`.graft/runs/finished/${file}`],
  steps,
  // How old a run is changes while one looks.
  result: (_, outcomes) => text(_, outcomes).replaceAll(/\d+(\.\d+)? (s|min|h)\b/g, 'T'),
  checked,
});

/** Everything that Graft reads from a workspace. */
export const formats: readonly Format[] = [
  picture('png', false),
  picture('jpg', false),
  picture('webp', false),
  picture('gif', false),
  picture('bmp', false),
  picture('tiff', false),
  base('h5', 'tiny.h5', false),
  base('keras', 'tiny.keras', true),
  base('tfjs', 'tfjs/model.json', false, ['tfjs']),
  {
    name: 'weights.h5',
    files: ['squeezenet.weights.h5'],
    steps: [
      ['@named', 'squeezenet.weights.h5'],
      ['@describe', 'squeezenet.weights.h5'],
    ],
    result: text,
    checked: false,
    readsOnly: true,
  },
  {
    name: 'onnx',
    files: ['model.onnx'],
    steps: [['@describe', 'model.onnx']],
    result: text,
    checked: false,
    readsOnly: true,
  },
  {
    name: 'saved model',
    files: ['model'],
    steps: [
      ['predict', 'model', 'pictures/png/red', '--json'],
      ['@describe', 'model/model.json'],
    ],
    result: text,
    checked: true,
    readsOnly: true,
  },
  {
    name: 'checkpoint',
    files: ['.graft/runs/stopped/checkpoints'],
    steps: [resume],
    result: trained('.graft/runs/stopped'),
    checked: true,
  },
  {
    name: 'activations',
    files: ['.graft/cache/<prefix>'],
    steps: [['train', 'train.ts', '--run-dir', 'again']],
    result: trained('again'),
    checked: true,
  },
  {
    name: 'picture index',
    files: ['.graft/picture-index'],
    steps: [['train', 'train.ts', '--run-dir', 'again']],
    result: trained('again'),
    checked: true,
  },
  {
    name: 'run.json of a stopped run',
    files: ['.graft/runs/stopped/run.json'],
    steps: [resume],
    result: trained('.graft/runs/stopped'),
    checked: false,
  },
  runFile(
    'run.json',
    [
      ['runs', '--json'],
      ['report', 'finished', '--json'],
    ],
    false,
  ),
  runFile(
    'events.ndjson',
    [
      ['runs', '--json'],
      ['report', 'finished', '--html', 'report.html'],
    ],
    false,
  ),
  runFile(
    'report.json',
    [
      ['runs', '--json'],
      ['report', 'finished'],
      ['report', 'finished', '--json'],
    ],
    false,
  ),
  { name: 'csv', files: ['table/labels.csv'], steps: [['@data', 'table/labels.csv']], result: text, checked: false },
  { name: 'idx', files: ['idx'], steps: [['@data', 'idx']], result: text, checked: false },
  { name: 'idx.gz', files: ['idx-gz'], steps: [['@data', 'idx-gz']], result: text, checked: true },
];
