import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';

import { type Command, Option } from 'commander';

import { isActive, engineNames, purposeOf, type EngineName, type RunInfo } from '../../protocol/index.js';
import { counted } from '../../common/counted.js';
import { exitCode, GraftError } from '../../common/errors.js';
import { isStillborn } from '../../runs/leftovers.js';
import { newRunId, runsFolder, workspaceOf } from '../../runs/run-folder.js';
import { checkScript } from '../process/script-file.js';
import { outsideOf } from '../data/places.js';
import { findRun, listRuns, readEvents, readRun } from '../../runs/read.js';
import { sendControl } from '../../runs/control/client.js';
import { figuresHeadline, picturesMeasured } from '../../words/index.js';
import {
  duration,
  english,
  figuresLine,
  figuresNotes,
  matrixTable,
  shown,
  shownJson,
  shownMessage,
  table,
  testLine,
  type Io,
} from './io.js';
import { overridesOf, withOverrides, type OverrideOptions } from './overrides.js';
import { supervise } from './supervise.js';

export const engineOption = () =>
  new Option('--engine <name>', 'what computes').choices(['auto', ...engineNames]).default('auto');

interface TrainOptions extends OverrideOptions {
  readonly engine: EngineName | 'auto';
  readonly runDir?: string;
  readonly json?: boolean;
}

/** train, resume, stop, runs. */
export function registerRuns(program: Command, io: Io): void {
  withOverrides(
    program
      .command('train')
      .description('run a training script')
      .argument('<script>', 'a TypeScript or JavaScript file that imports graftjs')
      .argument('[arguments...]', 'arguments for the script'),
  )
    .addOption(engineOption())
    .option('--run-dir <folder>', 'the folder of the run; default a new one in .graft/runs')
    .option('--json', 'print events as NDJSON')
    .action(async (script: string, rest: string[], options: TrainOptions) => {
      await checkScript(script);
      const workspace = process.cwd();
      const folder = path.resolve(options.runDir ?? path.join(runsFolder(workspace), newRunId()));
      if (existsSync(path.join(folder, 'run.json'))) {
        throw new GraftError(`${folder} holds a run already.`, {
          action: 'Choose another --run-dir, or continue it with: graft resume',
        });
      }
      // A run clears and writes files of its own names in its folder.
      if ((await readdir(folder).catch(() => [])).length > 0 && !(await isStillborn(folder))) {
        throw new GraftError(`${folder} holds other files already.`, { action: 'Give a new or an empty --run-dir.' });
      }
      const json = options.json === true;
      process.exitCode = await supervise(
        {
          script,
          folder,
          workspace,
          engine: options.engine,
          resume: false,
          json,
          overrides: overridesOf(options),
          arguments: rest,
        },
        io,
      );
      if (process.exitCode === exitCode.done && !json) await printResult(folder, io);
    });

  program
    .command('resume')
    .description('continue a run that was stopped, killed or failed, from its last checkpoint')
    .argument('<run>', 'its id, the beginning of it, its folder, or "latest"')
    .option('--outside', 'also where its script or its working folder lies outside this folder')
    .option('--json', 'print events as NDJSON')
    .action(async (name: string, options: { json?: boolean; outside?: boolean }) => {
      const { folder, info, status } = await findRun(process.cwd(), name);
      if (isActive({ status })) {
        throw new GraftError(`Run ${info.id} is ${status} (process ${info.pid}).`, {
          action: `Stop it first with: graft stop ${info.id}`,
        });
      }
      if (status === 'done')
        throw new GraftError(`Run ${info.id} is done.`, { action: `See its report with: graft report ${info.id}` });
      if (options.outside !== true) await requireInside(folder, info);
      await checkScript(info.script);
      const json = options.json === true;
      const { script, workspace, engine } = info;
      process.exitCode = await supervise(
        { script, folder, workspace, engine, purpose: purposeOf(info), resume: true, json, arguments: info.arguments },
        io,
      );
      if (process.exitCode === exitCode.done && !json) await printResult(folder, io);
    });

  program
    .command('stop')
    .description('stop a running training; a checkpoint is saved')
    .argument('<run>', 'its id, the beginning of it, its folder, or "latest"')
    .action(async (name: string) => {
      const { folder, info, status } = await findRun(process.cwd(), name);
      if (status !== 'running' && status !== 'paused')
        throw new GraftError(`Run ${info.id} is not running: it is ${status}.`, { action: 'See: graft runs' });
      await sendControl(folder, info, 'stop');
      io.out(shown`Run ${info.id} stops after this batch and saves a checkpoint.\n`);
    });

  program
    .command('runs')
    .description('list the runs of this folder')
    .option('--json', 'print JSON')
    .action(async (options: { json?: boolean }) => {
      const runs = await listRuns(process.cwd(), listed, (problem) => {
        io.error(shown`${shownMessage(problem)}\n`);
      });
      if (options.json === true) {
        const rows = runs.map(({ folder, info, status, metrics, damage }) => ({
          id: info.id,
          status,
          script: info.script,
          folder,
          startTime: info.startTime,
          metrics: metrics ?? null,
          ...(damage === undefined ? {} : { problem: `${damage.message} ${damage.action}` }),
        }));
        io.out(shownJson(rows, 2));
        return;
      }
      if (runs.length === 0) {
        io.out(shown`There are no runs here yet. Start one with: graft train SCRIPT\n`);
        return;
      }
      const rows = runs.map(({ info, status, figure, damage }) => [
        info.id,
        status,
        damage !== undefined ? 'report damaged' : figure,
        duration(Date.now() - info.startTime),
        path.relative(process.cwd(), info.script),
      ]);
      const isAccuracy = runs.every(({ metrics }) => metrics === undefined || 'accuracy' in metrics);
      io.out(table(['run', 'status', isAccuracy ? 'accuracy' : 'result', 'age', 'script'], rows));
      for (const { damage } of runs) if (damage !== undefined) io.error(shown`${shownMessage(damage)}\n`);
    });
}

/** What is shown of a run in a list: its report is let go. */
async function listed(folder: string) {
  const { info, status, report, damage } = await readRun(folder);
  return {
    folder,
    info,
    status,
    damage,
    metrics: report?.metrics,
    figure: report ? figuresHeadline(english.t, english.numbers, report) : '',
  };
}

/**
 * A run.json may have come with a download, and names what resuming runs: a script of this folder, as `graft train` would, but nothing
 * else of this machine without being told so.
 *
 * @throws GraftError that says what would run.
 */
async function requireInside(folder: string, { id, script, workspace, arguments: words }: RunInfo): Promise<void> {
  if ((await outsideOf([script, workspace], [process.cwd(), workspaceOf(folder)])).length === 0) return;
  const what = [script, ...words.map((word) => JSON.stringify(word))].join(' ');
  throw new GraftError(`Run ${id} would run ${what} in ${workspace}, which is not all in ${process.cwd()}.`, {
    action: `If that is what you want: graft resume ${id} --outside`,
  });
}

/** What a finished run ends with: the confusion matrix and the metrics. */
export async function printResult(folder: string, io: Io): Promise<void> {
  const { report, damage, info } = await readRun(folder);
  if (damage !== undefined) throw damage;
  if (report === undefined) return;
  const { timing } = report;
  io.out(shown`\n${matrixTable(report.classes, report)}\n`);
  io.out(
    shown`Validation: ${figuresLine(report)} on ${counted(picturesMeasured(report), 'picture')}, in ${await timeOf(folder, timing.total)}.\n`,
  );
  if (report.test !== undefined) io.out(testLine(report.test));
  io.out(figuresNotes(report));
  io.out(shown`Report: graft report ${info.id} --html report.html\n`);
}

/** The time of all executions of a run and of the last one, where it was resumed. */
async function timeOf(folder: string, last: number): Promise<string> {
  let [before, start, end, executions] = [0, 0, 0, 0];
  await readEvents(folder, ({ type, time }) => {
    if (type === 'started') {
      before += end - start;
      start = time;
      executions++;
    }
    end = time;
  });
  return executions < 2 ? duration(last) : `${duration(before + last)}, ${duration(last)} of them since it was resumed`;
}
