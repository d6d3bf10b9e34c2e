import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';

/**
 * Signals a process whose number a file told, once the system has confirmed that it is the child of one that the test holds: a test never
 * aims at a number alone.
 */
export function signalChild(parent: number | undefined, pid: number, signal: NodeJS.Signals): void {
  if (parent === undefined || parentOf(pid) !== parent)
    throw new Error(`Process ${pid} is not a child of ${parent ?? 'any that the test holds'}.`);
  process.kill(pid, signal);
}

function parentOf(pid: number): number {
  const script = `(Get-CimInstance Win32_Process -Filter "ProcessId=${pid}").ParentProcessId`;
  const text =
    process.platform === 'win32'
      ? execFileSync('powershell.exe', ['-NoProfile', '-Command', script], { encoding: 'utf8' })
      : execFileSync('ps', ['-o', 'ppid=', '-p', String(pid)], { encoding: 'utf8' });
  return Number(text.trim());
}

/** A process that only waits, in a group of its own: what must not be hurt. The test ends it through its handle. */
export function victim(): { readonly child: ChildProcess; readonly pid: number; readonly lives: () => boolean } {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached: true, stdio: 'ignore' });
  if (child.pid === undefined) throw new Error('No process could be started.');
  return { child, pid: child.pid, lives: () => child.exitCode === null && child.signalCode === null };
}

const namespaceWords = ['--user', '--map-root-user', '--pid', '--fork', '--kill-child', '--mount-proc'];

/** Why tests that could hurt other processes are skipped here, or false: they run in a PID namespace of their own. */
export function noNamespace(): string | false {
  const tried = process.platform === 'linux' && spawnSync('unshare', [...namespaceWords, 'true']).status === 0;
  return tried ? false : 'no PID namespace can be made here (unshare): a fault could end other processes';
}

/** A command without root's right to write anywhere, and its words; undefined where that cannot be had. */
export function asUser(program: string, words: readonly string[]): readonly [string, readonly string[]] | undefined {
  if (process.platform === 'win32') return undefined;
  if (process.getuid?.() !== 0) return [program, words];
  const user = ['--user', '--map-user=1000'];
  return spawnSync('unshare', [...user, 'true']).status === 0 ? ['unshare', [...user, program, ...words]] : undefined;
}

const flag = 'GRAFT_TEST_NAMESPACE';

/** Whether this process runs in the namespace of `runInNamespace`. */
export const inNamespace = process.env[flag] === '1';

/** Runs a test file again in a PID namespace, where there is nobody else to hurt. Returns its exit code and what it printed. */
export async function runInNamespace(file: string): Promise<{ readonly code: number | null; readonly text: string }> {
  if (!existsSync(file)) throw new Error(`${file} is not there.`);
  // It reports to nobody but us.
  const env = { ...process.env, NODE_TEST_CONTEXT: undefined, [flag]: '1' };
  const child = spawn('unshare', [...namespaceWords, process.execPath, file], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 60_000,
    killSignal: 'SIGKILL',
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      resolve({ code, text });
    });
  });
}
