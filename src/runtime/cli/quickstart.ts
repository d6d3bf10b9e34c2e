import path from 'node:path';

import type { Command } from 'commander';

import type { EngineName, Kind, Technique } from '../../protocol/index.js';
import { figuresShown, inSentence, scriptName } from '../../words/index.js';
import { packageFolder } from '../../common/package-folder.js';
import { exitCode } from '../../common/errors.js';
import { readRun } from '../../runs/read.js';
import { duration, english, heading, shown, table, type Io } from './io.js';
import { superviseNew } from './supervise.js';
import { defaultBases, preprocessingFlag, preprocessingHelp, sizeFlag, sizeHelp } from './new.js';
import { engineOption, printResult } from './train.js';

interface QuickstartOptions {
  readonly data?: string;
  readonly base?: string;
  readonly preprocessing?: string;
  readonly size?: string;
  readonly engine: EngineName | 'auto';
}

const steps: readonly { readonly technique: Technique; readonly titles: Readonly<Record<Kind, string>> }[] = [
  {
    technique: 'feature-extraction',
    titles: {
      image: 'Feature extraction: the base as it is, a new classifier',
      text: 'Feature extraction: the base as it is, a new classifier',
    },
  },
  {
    technique: 'fine-tuning',
    titles: {
      image: 'Fine-tuning: the last layers of the base too',
      text: 'New layers on the base, trained step by step',
    },
  },
];

/** What `npm start` does: both techniques on one data set, scripts included. */
export function registerQuickstart(program: Command, io: Io): void {
  program
    .command('quickstart')
    .description('write and run both scripts, for the sample or for data of your own')
    .option('--data <path>', 'labelled pictures or texts; default the sample')
    .option('--base <name>', `as for \`graft new\`; ${defaultBases}`)
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
      const { guessKind } = await import('../data/index.js');
      const kind = await guessKind(data);
      for (const { technique, titles } of steps) {
        io.out(heading(titles[kind]));
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
