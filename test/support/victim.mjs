// Somebody who must not be signalled, and places that nobody may connect to.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';

const signals = ['SIGHUP', 'SIGINT', 'SIGTERM', 'SIGUSR2', 'SIGCONT', 'SIGQUIT'];
const program = `for (const name of ${JSON.stringify(signals)}) process.on(name, () => process.stdout.write(name + ' '));
setInterval(() => undefined, 1000); process.stdout.write('ready');`;

/** A process that says what it feels. It leads a group of its own, as a training process does: a signal to it reaches nobody else. */
export async function startVictim() {
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'], detached: true });
  let said = '';
  child.once('exit', (code, signal) => (said += `ended: ${signal ?? code}`));
  await new Promise((resolve) =>
    child.stdout.on('data', (data) => {
      said += String(data);
      resolve();
    }),
  );
  return {
    pid: child.pid,
    /** Signals, and how it ended. */
    felt: () => said.slice('ready'.length),
    end: () => child.kill('SIGKILL'),
  };
}

/** In every run.json below a folder, "@victim" becomes the process's number and "@-victim" its group's. */
export function nameVictim(runs, pid) {
  for (const name of readdirSync(runs)) {
    const file = path.join(runs, name, 'run.json');
    const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
    if (text.includes('victim"'))
      writeFileSync(file, text.replaceAll('"@victim"', String(pid)).replaceAll('"@-victim"', String(-pid)));
  }
}

/** Listens at sockets, and answers as a run would: whoever believes it goes on. */
export async function listenAt(files) {
  let count = 0;
  for (const file of files) {
    mkdirSync(path.dirname(file), { recursive: true });
    const server = net.createServer((socket) => {
      count++;
      socket.on('error', () => undefined);
      socket.on('data', () => socket.write(`${JSON.stringify({ id: 1, ok: true })}\n`));
    });
    await new Promise((resolve, reject) => server.once('error', reject).listen(file, resolve));
    server.unref();
  }
  return { connections: () => count };
}
