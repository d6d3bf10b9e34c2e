import type { Command } from 'commander';

import { shownJson, table, type Io } from './io.js';

/** Tries everything that a training needs, on this machine, and says what it found. */
export function registerDoctor(program: Command, io: Io): void {
  program
    .command('doctor')
    .description('check this machine')
    .option('--json', 'print JSON')
    .action(async ({ json }: { json?: boolean }) => {
      const { checkEnvironment } = await import('../doctor.js');
      const checks = await checkEnvironment(process.cwd());
      if (json === true) io.out(shownJson(checks, 2));
      else
        io.out(
          table(
            ['check', 'state', 'found'],
            checks.map(({ name, ok, detail }) => [name, ok ? 'ok' : 'FAILED', detail]),
            400,
          ),
        );
      if (checks.some(({ ok }) => !ok)) process.exitCode = 1;
    });
}
