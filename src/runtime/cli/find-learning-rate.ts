import path from 'node:path';

import type { Command } from 'commander';

import type { EngineName } from '../../protocol/index.js';
import { exitCode, GraftError } from '../../common/errors.js';
import { checkScript } from '../process/script-file.js';
import { lastEvent } from '../../runs/read.js';
import { english, shown, shownJson, table, type Io } from './io.js';
import { superviseNew } from './supervise.js';
import { engineOption } from './train.js';

/** find-learning-rate: tries rates from tiny to huge, and says which one to train with. */
export function registerFindLearningRate(program: Command, io: Io): void {
  program
    .command('find-learning-rate')
    .description('try learning rates from tiny to huge for about a hundred steps, and say which to train with')
    .argument('<script>', 'a training script that calls fit(…)')
    .argument('[arguments...]', 'arguments for the script')
    .addOption(engineOption())
    .option('--json', 'print JSON')
    .action(async (script: string, rest: string[], options: { engine: EngineName | 'auto'; json?: boolean }) => {
      await checkScript(script);
      const { engine } = options;
      const json = options.json === true;
      const run = { script, engine, purpose: 'learning-rate', json, arguments: rest } as const;
      const { code, folder } = await superviseNew(run, io);
      process.exitCode = code;
      if (code !== exitCode.done) return;
      const found = await lastEvent(folder, 'learningRates');
      if (found === undefined) {
        throw new GraftError(`${path.basename(script)} does not call fit(…), so it has no learning rate.`, {
          action: 'Give a script that trains with fit(…).',
        });
      }
      const { rates, losses, smoothed, suggestion } = found;
      if (json) {
        io.out(shownJson({ suggestion: suggestion ?? null, rates, losses, smoothed }, 2));
        return;
      }
      const { significant } = english.numbers;
      const every = Math.max(1, Math.round(rates.length / 12));
      const rows = rates
        .map((rate, i) => [rate.toExponential(1), significant(losses[i]), significant(smoothed[i])])
        .filter((_, i) => i % every === 0 || i === rates.length - 1);
      io.out(shown`\n${table(['learning rate', 'loss', 'smoothed'], rows)}\n`);
      io.out(
        suggestion === undefined
          ? shown`No learning rate made the loss fall. Check the labels of the data, or unfreeze more of the base.\n`
          : shown`Train with learningRate: ${suggestion.toExponential(1)}, or as the peak of a schedule: cosine({ peak: ${suggestion.toExponential(1)} }).\n`,
      );
    });
}
