// Runs commands beside a process that must not be signalled and sockets that nobody may connect to, and prints what happened:
// `unshare --pid --fork --mount-proc node test/support/in-namespace.mjs FILE`. In a PID namespace of its own it is all that a
// signal to any process reaches. FILE holds { cwd, env, sockets, runs, commands }: in every run.json below `runs`, "@victim" is the
// process's number and "@-victim" its group's.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';

const { cwd, env, sockets, runs, commands } = JSON.parse(readFileSync(process.argv[2], 'utf8'));

const signals = ['SIGHUP', 'SIGINT', 'SIGTERM', 'SIGUSR2', 'SIGCONT', 'SIGQUIT'];
const victim = spawn(
  process.execPath,
  [
    '-e',
    `for (const name of ${JSON.stringify(signals)}) process.on(name, () => process.stdout.write(name + ' '));
     setInterval(() => undefined, 1000); process.stdout.write('ready ');`,
  ],
  // A group of its own, as a training process has: a signal to it reaches nobody else.
  { stdio: ['ignore', 'pipe', 'inherit'], detached: true },
);
let felt = '';
let ended;
victim.once('exit', (code, signal) => (ended = signal ?? `code ${code}`));
await new Promise((resolve) =>
  victim.stdout.on('data', (data) => {
    felt += String(data);
    resolve();
  }),
);

let connections = 0;
for (const file of sockets) {
  mkdirSync(path.dirname(file), { recursive: true });
  const server = net.createServer((socket) => {
    connections++;
    socket.on('error', () => undefined);
    // As a run would answer: whoever believes it goes on.
    socket.on('data', () => socket.write(`${JSON.stringify({ id: 1, ok: true })}\n`));
  });
  await new Promise((resolve, reject) => server.once('error', reject).listen(file, resolve));
}

for (const name of readdirSync(runs)) {
  const file = path.join(runs, name, 'run.json');
  const text = read(file);
  if (text?.includes('victim')) {
    writeFileSync(file, text.replaceAll('"@victim"', String(victim.pid)).replaceAll('"@-victim"', String(-victim.pid)));
  }
}

const results = [];
for (const words of commands) {
  // A run that goes on touches it.
  for (const name of readdirSync(runs)) {
    try {
      utimesSync(path.join(runs, name, 'heartbeat'), new Date(), new Date());
    } catch {
      // It has none.
    }
  }
  const before = { connections, felt };
  const started = Date.now();
  const child = spawn(process.execPath, words, {
    cwd,
    env: { ...process.env, ...env },
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
    connections: connections - before.connections,
    signals: felt.slice(before.felt.length).trim(),
    ...(ended === undefined ? {} : { ended }),
  });
}
console.log(JSON.stringify(results));
victim.kill('SIGKILL');
process.exit(0);

function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
