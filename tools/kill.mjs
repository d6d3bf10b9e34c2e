// Kills trainings at random moments, resumes them, and compares what they end with:
//   node tools/kill.mjs --trials N [--seed S]
// The last line counts the differences; the exit code is 1 where there are any, or files that a killed process left.
import { spawn, spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';

import { entryPoints, runtimeBundle } from './runtime-bundle.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const folder = path.join(root, 'dist', 'kill');
await build({ ...runtimeBundle(root, folder), entryPoints: { ...entryPoints, kill: 'tools/kill/main.ts' } });

// Where the system has namespaces of processes, a signal cannot leave this one, whatever goes wrong.
const namespaces = [
  ['--pid', '--fork', '--mount-proc', '--kill-child'],
  ['--user', '--map-root-user', '--pid', '--fork', '--mount-proc', '--kill-child'],
];
const own = namespaces.find((options) => spawnSync('unshare', [...options, 'true']).status === 0);
const command = [process.execPath, path.join(folder, 'kill.js'), ...process.argv.slice(2)];
const [program = '', ...rest] = own === undefined ? command : ['unshare', ...own, ...command];
console.log(own === undefined ? 'Without a namespace of processes.' : 'In a namespace of processes.');
const child = spawn(program, rest, { stdio: 'inherit' });
child.once('exit', (code) => process.exit(code ?? 1));
