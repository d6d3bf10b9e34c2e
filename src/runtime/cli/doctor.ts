import type { Command } from 'commander';

import { table, type Io } from './io.js';

/** Tries everything that a training needs, on this machine, and says what it found. */
export function registerDoctor(program: Command, io: Io): void {
  program
    .command('doctor')
    .description('check this machine')
    .option('--json', 'print JSON')
    .action(async ({ json }: { json?: boolean }) => {
      const { checkEnvironment } = await import('../doctor.js');
      const checks = await checkEnvironment(process.cwd());
      if (json === true) io.out(`${JSON.stringify(checks, undefined, 2)}\n`);
      else
        io.out(
          table(
            ['check', '', ''],
            checks.map(({ name, ok, detail }) => [name, ok ? 'ok' : 'FAILED', detail]),
          ).replace(/^.*\n/, ''),
        );
      if (checks.some(({ ok }) => !ok)) process.exitCode = 1;
    });
}
