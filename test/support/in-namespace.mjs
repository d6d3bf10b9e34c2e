// Runs commands beside a process that must not be signalled and sockets that nobody may connect to, and prints what happened:
// `unshare --pid --fork --mount-proc node test/support/in-namespace.mjs FILE`. In a PID namespace of its own it is all that a
// signal to any process reaches. FILE holds { cwd, env, sockets, runs, commands }.
import { spawn } from 'node:child_process';
import { readFileSync, readdirSync, utimesSync } from 'node:fs';
import path from 'node:path';

import { listenAt, nameVictim, startVictim } from './victim.mjs';

const { cwd, env, sockets, runs, commands } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const victim = await startVictim();
nameVictim(runs, victim.pid);
const { connections } = await listenAt(sockets);

const results = [];
for (const words of commands) {
  keepAlive();
  const before = { connections: connections(), felt: victim.felt() };
  const started = Date.now();
  const child = spawn(process.execPath, words, {
    ...{ cwd, env: { ...process.env, ...env } },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, error, late] = ['', '', false];
  child.stdout.on('data', (data) => (out += String(data)));
  child.stderr.on('data', (data) => (error += String(data)));
  const timer = setTimeout(() => {
    late = true;
    child.kill('SIGKILL');
  }, 60_000);
  const code = await new Promise((resolve) => child.once('close', resolve));
  clearTimeout(timer);
  // A signal that was sent last may be felt a moment later.
  await new Promise((resolve) => setTimeout(resolve, 50));
  results.push({
    ...{ words: words.slice(1), code, late, out, error, ms: Date.now() - started },
    connections: connections() - before.connections,
    felt: victim.felt().slice(before.felt.length),
  });
}
console.log(JSON.stringify(results));
victim.end();
process.exit(0);

/** A run that goes on touches its heartbeat. Not through a link, to what nobody may change. */
function keepAlive() {
  for (const { name } of readdirSync(runs, { withFileTypes: true }).filter((entry) => entry.isDirectory())) {
    try {
      utimesSync(path.join(runs, name, 'heartbeat'), new Date(), new Date());
    } catch {
      // It has none.
    }
  }
}
