/**
 * What a base knows of texts that it was not made for: macro F1 and seconds of whole runs (`graft train`, each in a process and a workspace
 * of its own, so that nothing is cached), seeds 0 to 4, 20 % held out.
 *
 * node tools/bench.mjs texts [--base leaflet] [--data TABLE]…
 *
 * Without --data: sms-spam in GRAFT_TEST_DATA, where it is there, and bench/intents.csv. Needs dist/ (npm run build).
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { packageFolder } from '../src/common/package-folder.js';
import type { RunReport } from '../src/protocol/index.js';

const shared = process.env['GRAFT_TEST_DATA'] ?? '../shared/data';
const usual = [path.join(shared, 'sms-spam', 'SMSSpamCollection'), 'bench/intents.csv'];
const { values } = parseArgs({
  options: { base: { type: 'string', default: 'leaflet' }, data: { type: 'string', multiple: true, default: usual } },
});
const cli = path.join(packageFolder(), 'dist', 'cli.js');
const seeds = [0, 1, 2, 3, 4];

function graft(workspace: string, ...words: readonly string[]): void {
  const { status, stderr } = spawnSync(process.execPath, [cli, ...words], { cwd: workspace, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}

/** Macro F1 on what was held out, and seconds of the run. */
function measure(data: string, base: string, seed: number): { readonly f1: number; readonly seconds: number } {
  const workspace = mkdtempSync(path.join(tmpdir(), 'graft-texts-'));
  try {
    graft(workspace, 'new', '--technique', 'feature-extraction', '--data', data, '--base', base);
    const start = performance.now();
    graft(workspace, 'train', '--seed', String(seed), 'train-feature-extraction.ts');
    const seconds = (performance.now() - start) / 1000;
    const runs = path.join(workspace, '.graft', 'runs');
    const file = path.join(runs, readdirSync(runs)[0] ?? '', 'report.json');
    const report = JSON.parse(readFileSync(file, 'utf8')) as RunReport<'classification'>;
    return { f1: report.metrics.macroF1, seconds };
  } finally {
    rmSync(workspace, { recursive: true, force: true });
  }
}

const mean = (numbers: readonly number[]) => numbers.reduce((sum, one) => sum + one, 0) / numbers.length;
for (const data of values.data) {
  if (!existsSync(data)) {
    console.log(`${data} is not here.`);
    continue;
  }
  const found = seeds.map((seed) => measure(path.resolve(data), values.base, seed));
  const f1 = found.map((one) => one.f1);
  const spread = `${Math.min(...f1).toFixed(3)} … ${Math.max(...f1).toFixed(3)}`;
  console.log(
    `${path.basename(data)}, ${values.base}: macro F1 ${mean(f1).toFixed(3)} (${spread}), ${mean(found.map(({ seconds }) => seconds)).toFixed(1)} s a run`,
  );
}
process.exit(0);
