// Runs test/e2e/host inside the extension host of VS Code's server: once in a trusted workspace, once in one that is not trusted.
import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { buildHostSuites, makeWorkspace } from './host-build.mjs';
import { runInHost, startServer } from './harness.mjs';

export async function runHostSuites(browser) {
  const counts = { passed: 0, failed: 0, skipped: 0, steps: [] };
  const tests = await buildHostSuites();
  for (const suite of ['trusted', 'untrusted']) {
    const { workspace, remove } = await makeWorkspace();
    const results = path.join(workspace, '..', 'results.json');
    const server = await startServer({
      trustAll: suite === 'trusted',
      env: { GRAFT_E2E_SUITE: suite, GRAFT_E2E_RESULTS: results },
    });
    try {
      const lines = [];
      const code = await runInHost(server, browser, {
        workspace,
        extension: process.cwd(),
        tests,
        print: (...values) => lines.push(values.join(' ')),
      }).catch((error) => error);
      const found = await readFile(results, 'utf8').then(JSON.parse, () => undefined);
      if (found === undefined) {
        console.log(lines.join('\n'));
        throw new Error(`The ${suite} suite did not end: ${code}. ${server.output()}`);
      }
      console.log(found.text);
      for (const key of ['passed', 'failed', 'skipped']) counts[key] += found[key];
      counts.steps.push(...found.steps);
    } finally {
      await server.stop();
      await remove();
    }
  }
  return counts;
}
