import { type Command, Option } from 'commander';
import path from 'node:path';

import type { Technique } from '../../protocol/index.js';
import { shown, type Io } from './io.js';

interface NewOptions {
  readonly technique: 'fine-tune' | 'feature-extraction';
  readonly data: string;
  readonly base: string;
  readonly freezeUpTo?: string;
  readonly out?: string;
}

const techniqueOf: Record<NewOptions['technique'], Technique> = {
  'fine-tune': 'fine-tuning',
  'feature-extraction': 'feature-extraction',
};

export function registerNew(program: Command, io: Io): void {
  program
    .command('new')
    .description('write a training script')
    .addOption(
      new Option('--technique <name>', 'how to transfer')
        .choices(['fine-tune', 'feature-extraction'])
        .makeOptionMandatory(),
    )
    .requiredOption(
      '--data <folder>',
      'labelled pictures: a folder per class, train/ and validation/, a .csv, or IDX files',
    )
    .option(
      '--base <name>',
      'sapling, mobilenet-v2, resnet50, squeezenet, or a model.json, .h5 or .keras file',
      'sapling',
    )
    .option('--freeze-up-to <layer>', 'the last frozen layer, for fine-tune; default about two thirds of the base')
    .option('--out <file>', 'where to write it; default train-<technique>.ts')
    .action(async (options: NewOptions) => {
      const { writeScript } = await import('../scaffold/script.js');
      const file = await writeScript({
        technique: techniqueOf[options.technique],
        data: options.data,
        base: options.base,
        freezeUpTo: options.freezeUpTo,
        out: options.out ?? `train-${options.technique}.ts`,
        workspace: process.cwd(),
        overwrite: false,
      });
      io.out(
        shown`Wrote ${path.relative(process.cwd(), file)}. Run it with: graft train ${path.relative(process.cwd(), file)}\n`,
      );
    });
}
