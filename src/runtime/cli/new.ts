import { type Command, Option } from 'commander';
import path from 'node:path';

import {
  preprocessingChoices,
  preprocessingText,
  tasks,
  techniques,
  type Task,
  type Technique,
} from '../../protocol/index.js';
import { scriptName, techniqueWords } from '../../words/index.js';
import { baseFileNames } from '../bases/files/model-files.js';
import { defaultBase } from '../bases/known.js';
import type { TableColumns } from '../data/index.js';
import { GraftError } from '../../common/errors.js';
import type { BaseInScript } from '../scaffold/base-in-script.js';
import type { DataOptions } from '../scaffold/script.js';
import { shown, type Io } from './io.js';

interface NewOptions {
  readonly technique: string;
  readonly data: string;
  readonly base: string;
  readonly freezeUpTo?: string;
  readonly preprocessing?: string;
  readonly size?: string;
  readonly out?: string;
  readonly pathColumn?: string;
  readonly task?: Task;
  readonly labelColumn?: readonly string[];
  readonly groupColumn?: string;
  readonly splitColumn?: string;
  readonly test?: string;
  readonly group?: string;
}

/** By what the command line calls them. */
const techniqueOf = new Map<string, Technique>(techniques.map((technique) => [techniqueWords[technique], technique]));

export function registerNew(program: Command, io: Io): void {
  program
    .command('new')
    .description('write a training script')
    .addOption(
      new Option('--technique <name>', 'how to transfer').choices([...techniqueOf.keys()]).makeOptionMandatory(),
    )
    .requiredOption(
      '--data <folder>',
      'labelled pictures: a folder per class, train/ with validation/ or test/, a .csv, or IDX files',
    )
    .addOption(new Option('--task <name>', 'what is learnt; default: what the labels are likeliest for').choices(tasks))
    .option(
      '--base <name>',
      `one that graft bases lists, or a model: a folder that saveModel wrote, a run, or a file: ${baseFileNames}`,
      defaultBase,
    )
    .option('--freeze-up-to <layer>', 'the last frozen layer, for fine-tune; default about two thirds of the base')
    .option(preprocessingFlag, preprocessingHelp)
    .option(sizeFlag, sizeHelp)
    .option('--out <file>', 'where to write it; default train-<technique>.ts')
    .option('--test <fraction>', 'keep this part of the pictures for a test, used for no choice')
    .option('--group <pattern>', 'a regular expression: pictures whose names match alike stay on one side of the split')
    .option('--path-column <name>', 'of a table: the column of pictures, by name or number; default guessed and said')
    .option('--label-column <name...>', 'of a table: the column of labels, or the columns of numbers')
    .option('--group-column <name>', 'of a table: the column of groups')
    .option('--split-column <name>', 'of a table: the column with train, validation or test')
    .action(async (options: NewOptions, command: Command) => {
      const technique = techniqueOf.get(options.technique) ?? 'fine-tuning';
      if (technique === 'feature-extraction' && options.freezeUpTo !== undefined)
        command.error('error: --freeze-up-to is for --technique fine-tune: feature extraction freezes the whole base.');
      const [{ writeScript }, { summarizeData }] = await Promise.all([
        import('../scaffold/script.js'),
        import('../data/index.js'),
      ]);
      const { file, base } = await writeScript({
        technique,
        data: options.data,
        task: options.task,
        dataOptions: dataOptions(options),
        base: options.base,
        freezeUpTo: options.freezeUpTo,
        preprocessing: options.preprocessing,
        size: options.size,
        out: options.out ?? scriptName(technique),
        workspace: process.cwd(),
        overwrite: false,
      });
      io.out(
        shown`Wrote ${path.relative(process.cwd(), file)}. Run it with: graft train ${path.relative(process.cwd(), file)}\n`,
      );
      tellDecision(base, io);
      if (options.task !== undefined) return;
      // A number may be the name of a class, or an amount.
      const { task, tasks: possible } = await summarizeData(path.resolve(options.data), dataOptions(options));
      const other = possible.find((one) => one !== task);
      if (other !== undefined)
        io.out(shown`The labels are taken for ${task}, and could be for ${other} too: say --task ${other} for that.\n`);
    });
}

export const preprocessingFlag = '--preprocessing <how>';
export const preprocessingHelp = `how a model file wants its pixels: ${preprocessingChoices}; default what its network shows`;
export const sizeFlag = '--size <pixels>';
export const sizeHelp = 'of pictures and base: 160, or HEIGHTxWIDTH; default that of the base';

/** How the base wants its pixels, and how that is known. */
function tellDecision({ label, decision }: BaseInScript, io: Io): void {
  const { preprocessing, pixels, why } = decision;
  io.out(shown`Preprocessing of ${label}: ${preprocessingText(preprocessing)}, pixels ${pixels}. ${why}\n`);
}

/** A column's name, or its number. */
function numbered(column: string): string | number {
  return /^\d+$/.test(column) ? Number(column) : column;
}

function dataOptions({ test, group, ...options }: NewOptions): DataOptions {
  const fraction = test === undefined ? undefined : Number(test);
  if (fraction !== undefined && !(fraction > 0 && fraction < 1))
    throw new GraftError(`--test is ${test ?? ''}.`, { action: 'It is a fraction between 0 and 1, for instance 0.1.' });
  const given = {
    path: options.pathColumn,
    label: options.labelColumn?.length === 1 ? options.labelColumn[0] : options.labelColumn,
    group: options.groupColumn,
    split: options.splitColumn,
  };
  const columns: TableColumns = Object.fromEntries(
    Object.entries(given).flatMap(([role, column]) =>
      column === undefined ? [] : [[role, typeof column === 'string' ? numbered(column) : column.map(numbered)]],
    ),
  );
  return {
    ...(Object.keys(columns).length === 0 ? {} : { columns }),
    ...(fraction === undefined ? {} : { test: fraction }),
    ...(group === undefined ? {} : { group }),
  };
}
