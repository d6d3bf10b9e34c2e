// Kills trainings at random moments, resumes them, and compares what they end with (npm run build first):
//   node tools/kill.mjs --trials N [--seed S]
// The last line counts the differences; the exit code is 1 where there are any, or files that a killed process left.
import { spawn, spawnSync } from 'node:child_process';
import path from 'node:path';

import { bundleTool } from './bundle-tool.mjs';

const folder = await bundleTool('kill', { kill: 'tools/kill/main.ts' });

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
