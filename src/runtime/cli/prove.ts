import type { Command } from 'commander';

import type { EngineName, RunPurpose, RunReport } from '../../protocol/index.js';
import {
  compared,
  figureIntervals,
  figuresShown,
  inSentence,
  measuredOf,
  picturesMeasured,
  verdict,
} from '../../words/index.js';
import { exitCode, present } from '../../common/errors.js';
import { checkScript } from '../process/script-file.js';
import { readRun } from '../../runs/read.js';
import { duration, english, heading, shown, shownJson, table, type Io } from './io.js';
import { overridesOf, withOverrides, type OverrideOptions } from './overrides.js';
import { superviseNew } from './supervise.js';
import { engineOption } from './train.js';

interface ProveOptions extends OverrideOptions {
  readonly engine: EngineName | 'auto';
  readonly json?: boolean;
}

/** prove: what the pre-trained weights are worth, by training without them. */
export function registerProve(program: Command, io: Io): void {
  withOverrides(
    program
      .command('prove')
      .description('train with the pre-trained weights and with random ones, and compare; no model is saved')
      .argument('<script>', 'a training script')
      .argument('[arguments...]', 'arguments for the script'),
  )
    .addOption(engineOption())
    .option('--json', 'print JSON')
    .action(async (script: string, rest: string[], options: ProveOptions) => {
      await checkScript(script);
      const json = options.json === true;
      const reports: RunReport[] = [];
      for (const [purpose, title] of steps) {
        if (!json) io.out(heading(title));
        const { engine } = options;
        const overrides = { ...overridesOf(options), save: false } as const;
        const { code, folder } = await superviseNew({ script, engine, purpose, json, overrides, arguments: rest }, io);
        const { report, damage } = code === exitCode.done ? await readRun(folder) : {};
        if (damage !== undefined) throw damage;
        if (report === undefined) {
          process.exitCode = code === exitCode.done ? exitCode.failed : code;
          return;
        }
        reports.push(report);
      }
      const [pretrained, random] = reports;
      if (pretrained === undefined || random === undefined) return;
      const paired = compared(measuredOf(pretrained), measuredOf(random));
      const [one, other] = [resultOf(pretrained), resultOf(random)];
      const found = present(verdict(english.t, english.numbers, one, other, paired), 'A verdict');
      if (json) {
        const [a, b] = [pretrained, random].map((report) => ({
          ...{ metrics: report.metrics, timing: report.timing },
          intervals: figureIntervals(report),
        }));
        io.out(shownJson({ ...found, paired: paired !== undefined, pretrained: a, random: b }, 2));
        return;
      }
      const rows = [pretrained, random].map((report, i) => {
        const { list } = figuresShown(english.t, english.numbers, report);
        const base = i === 0 ? report.base : `${report.base}, random weights`;
        return [base, ...list.slice(0, -1).map(({ text }) => text), duration(report.timing.total)];
      });
      const names = figuresShown(english.t, english.numbers, pretrained).list.slice(0, -1);
      const head = ['base', ...names.map(({ name }) => inSentence(name)), 'time'];
      io.out(shown`\n${table(head, rows)}\n${found.text}\n`);
    });
}

const steps: readonly (readonly [RunPurpose, string])[] = [
  ['train', 'With the pre-trained weights'],
  ['from-scratch', 'With random weights in their place'],
];

function resultOf(report: RunReport) {
  return { metrics: report.metrics, pictures: picturesMeasured(report) };
}
