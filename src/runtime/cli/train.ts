import { existsSync } from 'node:fs';
import path from 'node:path';

import { type Command, Option } from 'commander';

import { engineNames, purposeOf, type EngineName, type RunEvent } from '../../protocol/index.js';
import { exitCode, GraftError } from '../errors.js';
import { newRunId, runsFolder } from '../runs/run.js';
import { checkScript } from '../process/script-file.js';
import { findRun, listRuns, readRun } from '../runs/read.js';
import { sendControl } from '../runs/control-client.js';
import { confusionTable, duration, type Io, percent, shown, shownJson, table, testLine } from './io.js';
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
    .option('--json', 'print events as NDJSON')
    .action(async (name: string, options: { json?: boolean }) => {
      const { folder, info, status } = await findRun(process.cwd(), name);
      if (status === 'running' || status === 'paused') {
        throw new GraftError(`Run ${info.id} is ${status} (process ${info.pid}).`, {
          action: `Stop it first with: graft stop ${info.id}`,
        });
      }
      if (status === 'done')
        throw new GraftError(`Run ${info.id} is done.`, { action: `See its report with: graft report ${info.id}` });
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
      const { info, status } = await findRun(process.cwd(), name);
      if (status !== 'running' && status !== 'paused')
        throw new GraftError(`Run ${info.id} is not running: it is ${status}.`, { action: 'See: graft runs' });
      await sendControl(info, 'stop');
      io.out(shown`Run ${info.id} stops after this batch and saves a checkpoint.\n`);
    });

  program
    .command('runs')
    .description('list the runs of this folder')
    .option('--json', 'print JSON')
    .action(async (options: { json?: boolean }) => {
      const runs = await listRuns(process.cwd());
      if (options.json === true) {
        const rows = runs.map(({ folder, info, status, report }) => ({
          id: info.id,
          status,
          script: info.script,
          folder,
          startTime: info.startTime,
          metrics: report?.metrics ?? null,
        }));
        io.out(shownJson(rows, 2));
        return;
      }
      if (runs.length === 0) {
        io.out(shown`There are no runs here yet. Start one with: graft train SCRIPT\n`);
        return;
      }
      const rows = runs.map(({ info, status, report }) => [
        info.id,
        status,
        report === undefined ? '' : percent(report.metrics.accuracy),
        duration(Date.now() - info.startTime),
        path.relative(process.cwd(), info.script),
      ]);
      io.out(table(['run', 'status', 'accuracy', 'age', 'script'], rows));
    });
}

/** What a finished run ends with: the confusion matrix and the metrics. */
export async function printResult(folder: string, io: Io): Promise<void> {
  const { report, info, events } = await readRun(folder);
  if (report === undefined) return;
  const { metrics, timing } = report;
  io.out(shown`\n${confusionTable(report.classes, report.confusion)}\n`);
  io.out(
    shown`Accuracy ${percent(metrics.accuracy)}, macro F1 ${metrics.macroF1.toFixed(3)}, loss ${metrics.loss.toFixed(4)} on validation, in ${timeOf(events, timing.total)}.\n`,
  );
  if (report.test !== undefined) io.out(testLine(report.test));
  io.out(shown`Report: graft report ${info.id} --html report.html\n`);
}

/** Of a run that was resumed: all its executions, and the last one. */
function timeOf(events: readonly RunEvent[], last: number): string {
  const starts = events.flatMap(({ type }, i) => (type === 'started' ? [i] : []));
  if (starts.length < 2) return duration(last);
  const before = starts.slice(0, -1).map((start, i) => {
    const end = (starts[i + 1] ?? events.length) - 1;
    return (events[end]?.time ?? 0) - (events[start]?.time ?? 0);
  });
  const total = before.reduce((sum, ms) => sum + ms, last);
  return `${duration(total)}, ${duration(last)} of them since it was resumed`;
}
