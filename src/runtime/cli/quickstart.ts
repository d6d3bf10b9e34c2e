import path from 'node:path';

import type { Command } from 'commander';

import type { EngineName, Technique } from '../../protocol/index.js';
import { figuresShown, inSentence, scriptName } from '../../words/index.js';
import { defaultBase } from '../bases/known.js';
import { packageFolder } from '../../common/package-folder.js';
import { exitCode } from '../../common/errors.js';
import { readRun } from '../../runs/read.js';
import { duration, english, heading, shown, table, type Io } from './io.js';
import { superviseNew } from './supervise.js';
import { preprocessingFlag, preprocessingHelp, sizeFlag, sizeHelp } from './new.js';
import { engineOption, printResult } from './train.js';

interface QuickstartOptions {
  readonly data?: string;
  readonly base: string;
  readonly preprocessing?: string;
  readonly size?: string;
  readonly engine: EngineName | 'auto';
}

const steps: readonly { technique: Technique; title: string }[] = [
  { technique: 'feature-extraction', title: 'Feature extraction: the base as it is, a new classifier' },
  { technique: 'fine-tuning', title: 'Fine-tuning: the last layers of the base too' },
];

/** What `npm start` does: both techniques on one folder of pictures, scripts included. */
export function registerQuickstart(program: Command, io: Io): void {
  program
    .command('quickstart')
    .description('write and run both scripts, for the sample or for your own pictures')
    .option('--data <folder>', 'labelled pictures; default the sample')
    .option('--base <name>', 'as for `graft new`', defaultBase)
    .option(preprocessingFlag, preprocessingHelp)
    .option(sizeFlag, sizeHelp)
    .addOption(engineOption())
    .action(async (options: QuickstartOptions) => {
      const start = performance.now();
      const { writeScript } = await import('../scaffold/script.js');
      const workspace = process.cwd();
      const data = options.data ?? path.join(packageFolder(), 'sample', 'garden');
      const results: string[][] = [];
      let names: readonly string[] = [];
      for (const { technique, title } of steps) {
        io.out(heading(title));
        const { file: script } = await writeScript({
          technique,
          data,
          base: options.base,
          preprocessing: options.preprocessing,
          size: options.size,
          out: path.join('.graft', 'quickstart', scriptName(technique)),
          workspace,
          overwrite: true,
        });
        const { code, folder } = await superviseNew({ script, engine: options.engine, json: false }, io);
        if (code !== exitCode.done) {
          process.exitCode = code;
          return;
        }
        await printResult(folder, io);
        const { report } = await readRun(folder);
        if (report !== undefined) {
          const { list } = figuresShown(english.t, english.numbers, report);
          names = list.slice(0, -1).map(({ name }) => inSentence(name));
          results.push([technique, ...list.slice(0, -1).map(({ text }) => text), duration(report.timing.total)]);
        }
      }
      io.out(shown`\n${table(['technique', ...names, 'time'], results)}`);
      io.out(
        shown`\nBoth took ${duration(performance.now() - start)}. The scripts are in ${path.join('.graft', 'quickstart')}: read them, change them, run them with graft train.\n`,
      );
    });
}
