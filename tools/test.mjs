// Runs the tests: `node tools/test.mjs [WORD…]` runs the files whose path contains one of the words, or all.
// All means the suites of test/e2e too, where this machine can run them. The last line is "N passed, N failed, N skipped"; the exit code is 0 only when nothing failed and something passed.
import { build } from 'esbuild';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { spec } from 'node:test/reporters';
import { run } from 'node:test';
import { fileURLToPath } from 'node:url';

import { runEndToEnd } from '../test/e2e/run.mjs';
import { threadsBundle } from './runtime-bundle.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const words = process.argv.slice(2);
const outdir = path.join(root, 'dist/test', words.length === 0 ? 'all' : words.join('+').replaceAll('/', '_'));

const entries = (
  await Promise.all(
    ['test/unit', 'test/integration', 'test/browser'].map((folder) => listTests(path.join(root, folder))),
  )
).flat();
const chosen = entries.filter(
  (file) => words.length === 0 || words.some((word) => path.relative(root, file).includes(word)),
);
if (chosen.length === 0) {
  console.error(`No test file matches ${words.join(' ')}.`);
  process.exit(2);
}

// What tests write is below one folder, and is gone with it: also where a test is killed.
const temporary = await mkdtemp(path.join(tmpdir(), 'graft-tests-'));
for (const name of ['TMPDIR', 'TEMP', 'TMP']) process.env[name] = temporary;

// The library starts these from dist/, also where it runs within a test.
await build(threadsBundle(root));
await rm(outdir, { recursive: true, force: true });
const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: chosen,
  outbase: 'test',
  outdir,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  packages: 'external',
  alias: {
    graftjs: path.join(root, 'src/runtime/index.ts'),
    vscode: path.join(root, 'test/support/vscode.cjs'),
  },
  sourcemap: 'inline',
  metafile: true,
  logLevel: 'warning',
});
const files = Object.entries(metafile.outputs)
  // What a test imports when it needs it is an entry point to esbuild too.
  .filter(([, { entryPoint }]) => entryPoint !== undefined && chosen.includes(path.join(root, entryPoint)))
  .map(([file]) => path.join(root, file))
  .sort();

const counts = { passed: 0, failed: 0, skipped: 0 };
const isSuite = (data) => data.details?.type === 'suite';
const isFile = (data) => files.includes(data.name);
const stream = run({ files, concurrency: 2, timeout: 600_000 });
stream.on('test:pass', (data) => {
  if (isSuite(data) || isFile(data)) return;
  if (data.skip === undefined) counts.passed++;
  else counts.skipped++;
});
stream.on('test:fail', (data) => {
  if (!isSuite(data)) counts.failed++;
});
stream.compose(new spec()).pipe(process.stdout);
stream.on('end', () => {
  process.stdout.once('drain', () => undefined);
  setImmediate(async () => {
    if (words.length === 0) {
      const found = await runEndToEnd();
      for (const key of Object.keys(counts)) counts[key] += found[key];
    }
    await rm(temporary, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
    console.log(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
    process.exit(counts.failed === 0 && counts.passed > 0 ? 0 : 1);
  });
});

async function listTests(folder) {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  return names.filter((name) => name.endsWith('.test.ts')).map((name) => path.join(folder, name));
}
