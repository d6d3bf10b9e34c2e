import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import type {
  Prediction,
  ControlRequest,
  EpochEvent,
  RunInfo,
  RunReport,
  RunStatus,
} from '../../../src/protocol/index.js';
import { thumbnail } from '../../../src/runtime/data/index.js';
import { thumbnailsOf } from '../../../src/runtime/service/thumbnails.js';
import type { Editor } from '../../../src/extension/panel/editor.js';
import { RunWatch } from '../../../src/extension/runs/run-watch.js';
import type { Following, RunFollower, Runs, RunSummary, Service } from '../../../src/extension/interfaces.js';
import { translator, type Bundle, type Translate } from '../../../src/words/index.js';

export const root = path.resolve(process.env['GRAFT_ROOT'] ?? process.cwd());
const garden = path.join(root, 'sample/garden');

/** A run's folder made from a fixture. `keep` cuts its log after that share of the lines; times then end now. */
export async function makeRun(
  workspace: string,
  fixture: 'fine-tuning' | 'feature-extraction' | 'from-scratch' | 'learning-rate',
  id: string,
  options: {
    readonly status: RunStatus;
    readonly keep?: number;
    readonly problem?: RunSummary['problem'];
    readonly checkpoint?: boolean;
    /** Its report is as if it had been measured on these classes. */
    readonly classes?: readonly string[];
    readonly name?: string;
  },
): Promise<RunSummary> {
  const folder = path.join(workspace, '.graft/runs', id);
  await mkdir(path.dirname(folder), { recursive: true });
  await cp(path.join(root, 'test/fixtures/panel', fixture), folder, { recursive: true });
  const fill = async (file: string) => {
    const content = await readFile(path.join(folder, file), 'utf8');
    return content.replaceAll('@garden', garden).replaceAll('@workspace', workspace);
  };
  const info = { ...(JSON.parse(await fill('run.json')) as RunInfo), id };
  const lines = (await fill('events.ndjson')).trimEnd().split('\n');
  const kept = lines.slice(0, Math.ceil(lines.length * (options.keep ?? 1)));
  const events = kept.map((line) => JSON.parse(line) as { type: string; time: number });
  const shift = options.keep === undefined ? 0 : Date.now() - (events.at(-1)?.time ?? 0);
  const text = events.map((event) => `${JSON.stringify({ ...event, time: event.time + shift })}\n`).join('');
  await writeFile(path.join(folder, 'events.ndjson'), text);
  if (options.keep !== undefined) await rm(path.join(folder, 'report.json'));
  if (options.classes !== undefined) {
    const file = path.join(folder, 'report.json');
    const whole = JSON.parse(await readFile(file, 'utf8')) as RunReport<'classification'>;
    await writeFile(file, JSON.stringify(withClasses(whole, options.classes)));
  }
  const report = existsSync(path.join(folder, 'report.json'))
    ? (JSON.parse(await fill('report.json')) as RunReport<'classification'>)
    : undefined;
  const epoch = events.findLast(({ type }) => type === 'epoch') as EpochEvent | undefined;
  return {
    id,
    title: options.name ?? id,
    name: options.name,
    starred: false,
    debugging: undefined,
    phase: options.status === 'running' ? 'train' : undefined,
    stage: epoch?.stage,
    epochs: epoch?.epochs,
    folder,
    info: { ...info, startTime: info.startTime + shift },
    status: options.status,
    epoch,
    progress: undefined,
    checkpoint: options.checkpoint ?? true,
    suggestion: undefined,
    best: report?.metrics ?? epoch?.validation,
    measured: report && { data: report.hashes.data, seed: report.seed, pictures: 40 },
    problem: options.problem,
  };
}

/** The report with other classes: most of each is right, some is taken for the next. */
function withClasses(report: RunReport<'classification'>, classes: readonly string[]): RunReport<'classification'> {
  const confusion = classes.map((_, row) =>
    classes.map((_name, column) => (row === column ? 8 + (row % 3) : column === (row + 1) % classes.length ? 2 : 0)),
  );
  const perClass = classes.map((name) => ({ name, precision: 0.8, recall: 0.8, f1: 0.8, support: 10 }));
  const mistakes = report.mistakes.map((mistake, i) => ({
    ...mistake,
    actual: classes[i] ?? '',
    predicted: classes[i + 1] ?? '',
  }));
  return { ...report, classes, confusion, perClass, mistakes };
}

/** Follows a run that lies there, as a window does that has just found it. */
export function followFolder(folder: string, follower: RunFollower): Following {
  let following: Following | undefined;
  const opened = RunWatch.open(folder).then((watch) => {
    following = watch.follow(follower);
    return following;
  });
  return {
    ready: opened.then(({ ready }) => ready),
    get offset() {
      return following?.offset ?? 0;
    },
    dispose: () => {
      opened.then(
        (one) => {
          one.dispose();
        },
        () => undefined,
      );
    },
  };
}

/** Runs of a list, and what was asked of them. */
export class FakeRuns implements Runs {
  readonly asked: string[] = [];
  readonly onDidChange = () => ({ dispose: () => undefined });
  constructor(readonly runs: RunSummary[]) {}
  list = () => this.runs;
  get = (id: string) => this.runs.find((run) => run.id === id);
  follow = (id: string, follower: RunFollower) => {
    const run = this.get(id);
    return run && followFolder(run.folder, follower);
  };
  train = () => Promise.resolve(this.runs[0]);
  resume = (id: string) => this.#note(`resume ${id}`);
  control = (id: string, request: ControlRequest['type']) => this.#note(`${request} ${id}`);
  delete = (ids: readonly string[]) => this.#note(`delete ${ids.join()}`);

  #note(what: string): Promise<void> {
    this.asked.push(what);
    return Promise.resolve();
  }
}

const replies: Record<string, (request: Readonly<Record<string, unknown>>) => unknown> = {
  listBases: () => [
    {
      id: 'sapling',
      label: 'sapling',
      family: 'sapling',
      bytes: 3_228_496,
      size: [128, 128],
      parameters: 1_614_248,
      preprocessing: 'tf',
      licence: 'MIT',
      weights: 'bundled',
      freezePoints: [
        { layer: 'conv2_block2_out', depth: 0.28 },
        { layer: 'conv3_block3_out', depth: 0.52 },
        { layer: 'conv4_block1_out', depth: 0.68 },
        { layer: 'conv5_block2_out', depth: 1 },
      ],
      defaultFreezePoint: 'conv4_block1_out',
    },
    {
      id: 'resnet50',
      label: 'ResNet50',
      family: 'ResNet',
      bytes: 94_350_848,
      accuracy: 0.749,
      secondsPerPicture: 0.019,
      size: [224, 224],
      parameters: 23_587_712,
      preprocessing: 'caffe',
      licence: 'Apache-2.0',
      weights: 'download',
      freezePoints: [{ layer: 'conv4_block6_out', depth: 0.81 }],
      defaultFreezePoint: 'conv4_block6_out',
    },
  ],
  // A file that says nothing of how it wants its pixels, which are grey, nor of their size.
  describeBase: ({ base }) => ({
    id: base,
    label: 'digits',
    bytes: 1_250_000,
    size: [28, 28],
    parameters: 312_500,
    licence: '',
    weights: 'given',
    grey: true,
    anySize: true,
    freezePoints: [{ layer: 'conv2d_1', depth: 0.7 }],
    defaultFreezePoint: 'conv2d_1',
  }),
  summarizeData: ({ folder }) => {
    if (String(folder).endsWith('labels.csv'))
      return { directory: folder, layout: 'csv', classes: ['cat', 'dog, small'].map((name) => ({ name, count: 7 })) };
    if (String(folder).endsWith('radius.csv')) {
      const classes = ['8', '12', '40'].map((name) => ({ name, count: 5 }));
      return { directory: folder, layout: 'csv', classes, tasks: ['classification', 'regression'] };
    }
    if (String(folder).endsWith('tags.csv')) {
      const classes = ['red', 'blue'].map((name) => ({ name, count: 9 }));
      return { directory: folder, layout: 'csv', classes, tasks: ['multi-label'], pictures: 12 };
    }
    if (!String(folder).endsWith('garden'))
      throw Object.assign(new Error(`${String(folder)} does not exist.`), { action: 'Choose a folder of pictures.' });
    const classes = ['beetle', 'leaf', 'mushroom', 'shell'].map((name) => ({ name, count: 48 }));
    return { directory: folder, layout: 'folder', classes };
  },
  thumbnails: ({ files, side }) => thumbnailsOf(files as readonly string[], Number(side)),
  predict: async ({ files, thumbnails }) => {
    const classes = ['leaf', 'shell', 'beetle', 'mushroom'].map((name, i) => ({
      name,
      probability: [0.93, 0.05, 0.015, 0.005][i] ?? 0,
    }));
    return await Promise.all(
      (files as readonly string[]).map(async (file): Promise<Prediction> => {
        try {
          // Reads the file as the service does: what is no picture fails here as there.
          const small = await thumbnail({ kind: 'file', path: file }, Number(thumbnails));
          return { file, classes, thumbnail: small.toString('base64') };
        } catch (error) {
          return { file, error: (error as Error).message };
        }
      }),
    );
  },
  scriptText: ({ technique, base, freezeUpTo }) =>
    [
      `// ${String(technique)} of ${String(base)} on data/garden.`,
      "import { adamW, applications, cosine, fit, freeze, imageFolder, saveModel, tf } from 'graftjs';",
      '',
      "const data = await imageFolder('data/garden', { size: [128, 128], validation: 0.2, seed: 7 });",
      '',
      `const base = await applications.${String(base)}();`,
      `freeze(base, { upTo: '${typeof freezeUpTo === 'string' ? freezeUpTo : 'conv4_block1_out'}' });`,
      '',
      'const run = await fit(model, data, { epochs: 12, batchSize: 32, optimizer: adamW() });',
      "await saveModel(run.best, 'models/garden');",
      '',
    ].join('\n'),
};

export const fakeService: Service = {
  call: (method, request) =>
    Promise.resolve().then(() => {
      const reply = replies[method];
      if (reply === undefined) throw new Error(`The tests have no reply to ${method}.`);
      return reply(request as Readonly<Record<string, unknown>>) as never;
    }),
};

/** Writes down what the panel asks of the editor. */
export class FakeEditor implements Editor {
  readonly asked: string[] = [];
  readonly files = new Map<string, string>();
  trusted = true;
  readonly t: Translate;
  constructor(
    readonly workspaceFolders: readonly string[],
    /** The texts of another language. */
    readonly texts: Bundle = {},
  ) {
    this.t = translator(texts);
  }

  openFile = (file: string, preserveFocus = false) =>
    this.#note(`open ${file}${preserveFocus ? ', keep the focus' : ''}`);
  openPreview = (file: string, preserveFocus = false) =>
    this.#note(`preview ${file}${preserveFocus ? ', keep the focus' : ''}`);
  chooseFolder = () => Promise.resolve(path.join(this.workspaceFolders[0] ?? '', 'data/garden'));
  chooseDataFile = () => Promise.resolve(path.join(this.workspaceFolders[0] ?? '', 'labels.csv'));
  choosePictures = () => Promise.resolve<readonly string[] | undefined>([path.join(garden, 'leaf/leaf-01.jpg')]);
  fileOf = (address: string) => (address.startsWith('file:') ? fileURLToPath(address) : undefined);
  chooseModelFile = () => Promise.resolve(undefined);
  chooseScriptFile = () => Promise.resolve(undefined);
  exists = (file: string) => Promise.resolve(this.files.has(file));
  cancellable = <T>(_title: string, work: () => Promise<T>) => work();
  confirmOverwrite = () => Promise.resolve(false);
  runCommand = (command: string, run?: string) => this.#note(['command', command, run].filter(Boolean).join(' '));

  saveFile = (name: string, format: string, content: Uint8Array) => {
    this.files.set(`${name}.${format}`, Buffer.from(content).toString('latin1'));
    return this.#note(`save ${name}.${format}`);
  };

  writeText = (file: string, text: string) => {
    this.files.set(file, text);
    return this.#note(`write ${file}`);
  };

  #note(what: string): Promise<void> {
    this.asked.push(what);
    return Promise.resolve();
  }
}
