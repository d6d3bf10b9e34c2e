/**
 * What the extension host calls: runs the suite that GRAFT_E2E_SUITE names, and leaves its results in GRAFT_E2E_RESULTS.
 * GRAFT_E2E_FILES, a part of a file's name, chooses among its files.
 */
import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import Mocha from 'mocha';

export async function run(): Promise<void> {
  const suite = process.env['GRAFT_E2E_SUITE'] ?? 'trusted';
  const folder = path.join(__dirname, suite);
  const lines: string[] = [];
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const steps: { title: string; ms: number; waits: [] }[] = [];
  const mocha = new Mocha({ ui: 'bdd', timeout: 180_000, reporter: Mocha.reporters.Base });
  const words = process.env['GRAFT_E2E_FILES'] ?? '';
  for (const name of readdirSync(folder).sort()) if (name.includes(words)) mocha.addFile(path.join(folder, name));
  await new Promise<void>((resolve) => {
    mocha
      .run(() => {
        resolve();
      })
      .on('pass', (test) => {
        counts.passed++;
        steps.push({ title: test.fullTitle(), ms: test.duration ?? 0, waits: [] });
        lines.push(`  ✔ ${test.fullTitle()} (${test.duration ?? 0} ms)`);
      })
      .on('pending', (test) => {
        counts.skipped++;
        lines.push(`  ﹣ ${test.fullTitle()}: skipped`);
      })
      .on('fail', (test, error: Error) => {
        counts.failed++;
        lines.push(`  ✖ ${test.fullTitle()}\n${error.stack ?? error.message}`);
      });
  });
  const results = process.env['GRAFT_E2E_RESULTS'];
  if (results !== undefined) writeFileSync(results, JSON.stringify({ ...counts, steps, text: lines.join('\n') }));
  if (counts.failed > 0) throw new Error(`${counts.failed} tests failed:\n${lines.join('\n')}`);
}
