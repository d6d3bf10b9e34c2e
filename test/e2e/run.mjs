// Tests in a real VS Code: `node test/e2e/run.mjs [--repeat N] [SUITE…]` runs a Mocha suite inside an extension host, then a crafted
// workspace, disasters, another language, runs and models, a task of numbers in Chromium, and a journey through the packed and installed .vsix there. A suite that this machine cannot run is skipped, and says why.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { runCrafted } from './crafted.mjs';
import { runDisasters } from './disasters.mjs';
import { startBrowser, unavailable } from './harness.mjs';
import { runHostSuites } from './host-suites.mjs';
import { runJourney } from './journey.mjs';
import { runLanguage } from './language.mjs';
import { runManage } from './manage.mjs';
import { runNumbers } from './numbers.mjs';
import { seconds, slowest } from './timings.mjs';

const suites = [
  ['Extension host', runHostSuites],
  ['Crafted workspace', runCrafted],
  ['Disasters', runDisasters],
  ['Language', runLanguage],
  ['Runs and models', runManage],
  ['Numbers', runNumbers],
  ['Journey', runJourney],
];

const keys = ['passed', 'failed', 'skipped'];

/**
 * The counts of all suites, or of those whose name contains one of the words. `rounds`: so many times, until the first failure,
 * each time in new windows.
 */
export async function runEndToEnd(words = [], { rounds = 1 } = {}) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const problem = unavailable();
  const chosen = suites.filter(
    ([name]) => words.length === 0 || words.some((word) => name.toLowerCase().includes(word)),
  );
  if (problem !== undefined) {
    for (const [name] of chosen) console.log(`${name}: skipped: ${problem}`);
    return { ...counts, skipped: chosen.length };
  }
  const steps = [];
  const rounded = new Map(chosen.map(([name]) => [name, []]));
  const browser = await startBrowser();
  try {
    for (let round = 1; round <= rounds && counts.failed === 0; round++) {
      for (const [name, suite] of chosen) {
        console.log(rounds === 1 ? `\n${name}` : `\n${name}, ${round} of ${rounds}, ${new Date().toISOString()}`);
        const started = Date.now();
        const found = await counted(suite, browser);
        for (const key of keys) counts[key] += found[key];
        for (const step of found.steps) steps.push({ suite: name, ...step });
        if (found.failed === 0) rounded.get(name).push(Date.now() - started);
        else if (rounds > 1) break;
      }
    }
  } finally {
    await browser.close();
  }
  console.log('\nThe slowest steps, and what they waited for:');
  console.log(slowest(steps));
  if (rounds > 1)
    for (const [name, times] of rounded) {
      const range = times.length === 0 ? '' : `, ${seconds(Math.min(...times))} to ${seconds(Math.max(...times))} s`;
      console.log(`${name}: passed ${times.length} of ${rounds} times${range}`);
    }
  return counts;
}

async function counted(suite, browser) {
  return await suite(browser).catch((error) => {
    console.error(error);
    return { passed: 0, failed: 1, skipped: 0, steps: [] };
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.chdir(path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..'));
  const { values, positionals } = parseArgs({ options: { repeat: { type: 'string' } }, allowPositionals: true });
  const words = positionals.map((word) => word.toLowerCase());
  const rounds = Number(values.repeat ?? 1);
  if (!Number.isInteger(rounds) || rounds < 1)
    throw new Error(`--repeat takes a number of rounds, not ${values.repeat}.`);
  const { passed, failed, skipped } = await runEndToEnd(words, { rounds });
  console.log(`\n${passed} passed, ${failed} failed, ${skipped} skipped`);
  process.exit(failed === 0 && passed + skipped > 0 ? 0 : 1);
}
