import type { Command } from 'commander';

import { weightNames } from '../../words/index.js';
import { english, shownJson, table, type Io } from './io.js';

/** The bases that Graft knows by name, as the pickers of the editor say them. */
export function registerBases(program: Command, io: Io): void {
  program
    .command('bases')
    .description('the pre-trained bases that can be named')
    .option('--json', 'print JSON')
    .action(async ({ json }: { json?: boolean }) => {
      const { listBases } = await import('../scaffold/known-options.js');
      const bases = await listBases();
      if (json === true) {
        io.out(shownJson(bases, 2));
        return;
      }
      const { t, numbers } = english;
      const states = weightNames(t);
      io.out(
        table(
          ['base', 'pixels', 'parameters', 'size', 'ImageNet', 'licence', 's/picture', 'weights'],
          bases.map(({ id, size, parameters, bytes, accuracy, licence, secondsPerPicture, weights }) => [
            ...[id, size.join(' × '), numbers.compact(parameters), numbers.megabytes(bytes)],
            accuracy === undefined ? '' : numbers.percent(accuracy),
            licence,
            secondsPerPicture === undefined ? 'not measured' : numbers.rate(secondsPerPicture),
            states[weights],
          ]),
        ),
      );
    });
}
