// What the suites inside the extension host need, in VS Code's server and in @vscode/test-electron alike.
import { cp, mkdir, mkdtemp, readdir, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { build } from 'esbuild';

/** Bundles test/e2e/host; returns the module whose run() the host calls. */
export async function buildHostSuites() {
  const names = await readdir('test/e2e/host', { recursive: true });
  const outdir = path.resolve('dist/e2e/host');
  await rm(outdir, { recursive: true, force: true });
  await build({
    entryPoints: names.filter((name) => name.endsWith('.ts')).map((name) => path.join('test/e2e/host', name)),
    outbase: 'test/e2e/host',
    outdir,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    external: ['vscode', 'mocha'],
    sourcemap: 'inline',
    logLevel: 'warning',
  });
  return path.join(outdir, 'index.cjs');
}

/** A folder like a user's: pictures, and nothing else. */
export async function makeWorkspace() {
  const folder = await realpath(await mkdtemp(path.join(tmpdir(), 'graft-workspace-')));
  const workspace = path.join(folder, 'garden-project');
  await mkdir(path.join(workspace, 'data'), { recursive: true });
  await cp('sample/garden', path.join(workspace, 'data/garden'), { recursive: true });
  return { workspace, remove: () => rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }) };
}
