import path from 'node:path';

import type { Command } from 'commander';

import type { EngineName, RunPurpose, RunReport } from '../../protocol/index.js';
import { evidence, numbersOf, translator, type Score } from '../../words/index.js';
import { exitCode } from '../errors.js';
import { checkScript } from '../process/script-file.js';
import { readRun } from '../runs/read.js';
import { newRunId, runsFolder } from '../runs/run.js';
import { duration, percent, table, type Io } from './io.js';
import { supervise } from './supervise.js';
import { engineOption } from './train.js';

/** prove: what the pre-trained weights are worth, by training without them. */
export function registerProve(program: Command, io: Io): void {
  program
    .command('prove')
    .description('train with the pre-trained weights and with random ones, and compare')
    .argument('<script>', 'a training script')
    .argument('[arguments...]', 'arguments for the script')
    .addOption(engineOption())
    .option('--json', 'print JSON')
    .action(async (script: string, rest: string[], options: { engine: EngineName | 'auto'; json?: boolean }) => {
      await checkScript(script);
      const workspace = process.cwd();
      const json = options.json === true;
      // Progress belongs to people; with --json only the result is printed.
      const quiet: Io = { ...io, out: () => undefined };
      const reports: RunReport[] = [];
      for (const [purpose, title] of steps) {
        if (!json) io.out(`\n${title}\n${'─'.repeat(title.length)}\n`);
        const folder = path.join(runsFolder(workspace), newRunId());
        const { engine } = options;
        const run = { script, folder, workspace, engine, purpose, resume: false, json: false, arguments: rest };
        const code = await supervise(run, json ? quiet : io);
        const { report } = code === exitCode.done ? await readRun(folder) : {};
        if (report === undefined) {
          process.exitCode = code === exitCode.done ? exitCode.failed : code;
          return;
        }
        reports.push(report);
      }
      const [pretrained, random] = reports;
      if (pretrained === undefined || random === undefined) return;
      const found = evidence(translator({}), numbersOf('en'), scoreOf(pretrained), scoreOf(random));
      if (json) {
        const [a, b] = [pretrained, random].map(({ metrics, timing }) => ({ metrics, timing }));
        io.out(`${JSON.stringify({ ...found, pretrained: a, random: b }, undefined, 2)}\n`);
        return;
      }
      const rows = [pretrained, random].map(({ base, metrics, timing }, i) => [
        i === 0 ? base : `${base}, random weights`,
        percent(metrics.accuracy),
        metrics.macroF1.toFixed(3),
        duration(timing.total),
      ]);
      io.out(`\n${table(['base', 'accuracy', 'macro F1', 'time'], rows)}\n${found.text}\n`);
    });
}

const steps: readonly (readonly [RunPurpose, string])[] = [
  ['train', 'With the pre-trained weights'],
  ['from-scratch', 'With random weights in their place'],
];

function scoreOf({ metrics, confusion }: RunReport): Score {
  return { accuracy: metrics.accuracy, pictures: confusion.flat().reduce((sum, count) => sum + count, 0) };
}
