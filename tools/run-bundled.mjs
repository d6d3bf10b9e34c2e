// Bundles one TypeScript file for Node and runs it: what the tools that measure and draw have in common.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';

/** Never returns: the process ends with the exit code of the file that ran. */
export async function runBundled(entry, outfile, args, environment = {}) {
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    // What the extension asks of the editor, outside of one.
    alias: { vscode: fileURLToPath(new URL('../test/support/vscode.cjs', import.meta.url)) },
    logLevel: 'warning',
  });
  const { status } = spawnSync(process.execPath, [outfile, ...args], {
    stdio: 'inherit',
    env: { ...process.env, ...environment },
  });
  process.exit(status ?? 1);
}
