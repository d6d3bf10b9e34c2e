// `npm run test:electron`: the same suites in a downloaded VS Code, for machines that can reach its servers.
import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { downloadAndUnzipVSCode, runTests } from '@vscode/test-electron';

import { buildHostSuites, makeWorkspace } from './host-build.mjs';

let vscodeExecutablePath;
try {
  vscodeExecutablePath = await downloadAndUnzipVSCode('stable');
} catch (error) {
  console.log(`Extension host: skipped: VS Code cannot be downloaded (${error.message})`);
  console.log('\n0 passed, 0 failed, 1 skipped');
  process.exit(0);
}

const extensionTestsPath = await buildHostSuites();
const counts = { passed: 0, failed: 0, skipped: 0 };
for (const suite of ['trusted', 'untrusted']) {
  const { workspace, remove } = await makeWorkspace();
  const results = path.join(workspace, '..', 'results.json');
  const trust = suite === 'trusted' ? ['--disable-workspace-trust'] : [];
  await runTests({
    vscodeExecutablePath,
    extensionDevelopmentPath: process.cwd(),
    extensionTestsPath,
    extensionTestsEnv: { GRAFT_E2E_SUITE: suite, GRAFT_E2E_RESULTS: results },
    launchArgs: [workspace, '--disable-extensions', ...trust],
  }).catch(() => undefined);
  const found = await readFile(results, 'utf8').then(JSON.parse, () => undefined);
  console.log(found?.text ?? `The ${suite} suite did not end.`);
  if (found === undefined) counts.failed++;
  else for (const key of Object.keys(counts)) counts[key] += found[key];
  await remove();
}
console.log(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exit(counts.failed === 0 && counts.passed > 0 ? 0 : 1);
