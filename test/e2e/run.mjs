// Tests in a real VS Code: `node test/e2e/run.mjs` runs a Mocha suite inside an extension host, then a crafted
// workspace, disasters, another language, runs and models in Chromium, and a journey through the packed and installed .vsix there. A suite that this machine cannot run is skipped, and says why.
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { runCrafted } from './crafted.mjs';
import { runDisasters } from './disasters.mjs';
import { startBrowser, unavailable } from './harness.mjs';
import { runHostSuites } from './host-suites.mjs';
import { runJourney } from './journey.mjs';
import { runLanguage } from './language.mjs';
import { runManage } from './manage.mjs';

const suites = [
  ['Extension host', runHostSuites],
  ['Crafted workspace', runCrafted],
  ['Disasters', runDisasters],
  ['Language', runLanguage],
  ['Runs and models', runManage],
  ['Journey', runJourney],
];

/** The counts of all suites. */
export async function runEndToEnd(words = []) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const problem = unavailable();
  const chosen = suites.filter(
    ([name]) => words.length === 0 || words.some((word) => name.toLowerCase().includes(word)),
  );
  if (problem !== undefined) {
    for (const [name] of chosen) console.log(`${name}: skipped: ${problem}`);
    return { ...counts, skipped: chosen.length };
  }
  const browser = await startBrowser();
  try {
    for (const [name, suite] of chosen) {
      console.log(`\n${name}`);
      let found = await counted(suite, browser);
      if (found.failed > 0) {
        // A real window on a busy machine may be late once. A fault of ours fails twice.
        console.log(`\n${name}: ${found.failed} failed; once more, in a new window`);
        found = await counted(suite, browser);
      }
      for (const key of Object.keys(counts)) counts[key] += found[key];
    }
  } finally {
    await browser.close();
  }
  return counts;
}

async function counted(suite, browser) {
  return await suite(browser).catch((error) => {
    console.error(error);
    return { passed: 0, failed: 1, skipped: 0 };
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.chdir(path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..'));
  const { passed, failed, skipped } = await runEndToEnd(process.argv.slice(2));
  console.log(`\n${passed} passed, ${failed} failed, ${skipped} skipped`);
  process.exit(failed === 0 ? 0 : 1);
}
