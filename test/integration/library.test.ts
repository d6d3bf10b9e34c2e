import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { before, test } from 'node:test';

import { events, report, runFolders } from '../support/cli.js';
import { temporaryFolder } from '../support/pictures.js';

const workspace = temporaryFolder();

// What `npm install graftjs-<version>.tgz` does, with the packages that are here already instead of the registry.
before(() => {
  execFileSync(process.execPath, ['tools/pack-library.mjs'], { stdio: 'pipe' });
  const modules = path.join(workspace, 'node_modules');
  const library = path.join(modules, 'graftjs');
  mkdirSync(library, { recursive: true });
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  execFileSync('tar', ['-xzf', path.resolve(`graftjs-${version}.tgz`), '--strip-components=1', '-C', library]);
  for (const name of readdirSync('node_modules'))
    if (!name.startsWith('.') && name !== 'graftjs')
      symlinkSync(path.resolve('node_modules', name), path.join(modules, name), 'junction');
  cpSync('sample/garden', path.join(workspace, 'sample/garden'), { recursive: true });
});

test('a scaffolded script runs with plain node where the packed library is installed', () => {
  cpSync('templates/image/feature-extraction.ts', path.join(workspace, 'train.mjs'));
  execFileSync(process.execPath, ['train.mjs'], { cwd: workspace, stdio: 'pipe' });
  const [run = ''] = runFolders(workspace);
  assert.equal(events(run).at(-1)?.type, 'done');
  assert.ok(report(run).metrics.accuracy > 0.7);
});

test('its command line works', () => {
  const graft = path.join(workspace, 'node_modules/graftjs/dist/cli.js');
  const runs = JSON.parse(
    execFileSync(process.execPath, [graft, 'runs', '--json'], { cwd: workspace, encoding: 'utf8' }),
  ) as unknown[];
  assert.equal(runs.length, 1);
});

test('it has types: the templates compile with --strict, and a wrong call does not', () => {
  const tsc = path.resolve('node_modules/typescript/bin/tsc');
  const compile = (file: string) =>
    execFileSync(
      process.execPath,
      [tsc, '--noEmit', '--strict', '--skipLibCheck', '--module', 'NodeNext', '--target', 'ES2022', file],
      { cwd: workspace, stdio: 'pipe' },
    );
  writeFileSync(path.join(workspace, 'package.json'), '{ "type": "module" }');
  cpSync('templates/image/fine-tune.ts', path.join(workspace, 'train.ts'));
  compile('train.ts');
  writeFileSync(path.join(workspace, 'wrong.ts'), "import { imageFolder } from 'graftjs';\nawait imageFolder(7);\n");
  assert.throws(() => compile('wrong.ts'), /status 1|Command failed/);
  rmSync(path.join(workspace, 'wrong.ts'));
});
