import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { childrenOf, peakOf, waitsOf } from './processes.js';
import type { Reply, Request } from './types.js';

export type Ended =
  | (Reply & { readonly kind: 'reply'; readonly ms: number })
  | { readonly kind: 'exit'; readonly how: string; readonly ms: number }
  | { readonly kind: 'hang'; readonly ms: number }
  | { readonly kind: 'memory'; readonly peak: number; readonly ms: number };

export const memoryLimit = 1.5e9;
/** A process that has worked on so many cases is replaced: what leaks is not the next case's fault. */
const casesEach = 60;

/** One worker, started when it is needed and again when it has ended. */
export class WorkerProcess {
  #child: ChildProcess | undefined;
  #cases = 0;

  /** Never rejects: however the worker ends, that is the answer. */
  async run(request: Request, limitMs: number): Promise<Ended> {
    if (this.#cases++ % casesEach === 0) this.end();
    const child = (this.#child ??= start());
    const began = performance.now();
    let peak = 0;
    // A case that gets no processor, on a machine that is busy with other things, does not hang.
    let waited = 0;
    const waits = (pids: readonly number[]) => new Map(pids.flatMap((pid) => [...waitsOf(pid)]));
    let before = waits(child.pid === undefined ? [] : [child.pid]);
    return await new Promise((resolve) => {
      const settle = (ended: Ended) => {
        clearInterval(watch);
        child.removeAllListeners();
        resolve(ended);
      };
      const ms = () => performance.now() - began;
      // A training is a process of its own.
      const watch = setInterval(() => {
        const pids = [child.pid ?? 0, ...childrenOf(child.pid ?? 0)];
        peak = Math.max(peak, ...pids.map(peakOf));
        const now = waits(pids);
        waited += Math.max(0, ...Array.from(now, ([thread, wait]) => wait - (before.get(thread) ?? 0)));
        before = now;
        const kind = peak > memoryLimit ? 'memory' : ms() - waited > limitMs ? 'hang' : undefined;
        if (kind === undefined) return;
        this.end();
        settle({ kind, peak, ms: ms() });
      }, 100);
      child.once('message', (reply: Reply) => {
        peak = Math.max(peak, reply.peak);
        settle(peak > memoryLimit ? { kind: 'memory', peak, ms: ms() } : { kind: 'reply', ...reply, peak, ms: ms() });
      });
      child.once('exit', (code, signal) => {
        this.#child = undefined;
        settle({ kind: 'exit', how: signal ?? `code ${code ?? 'unknown'}`, ms: ms() });
      });
      child.send(request);
    });
  }

  /** Ends the worker and the training that it started: processes of ours, and no others. */
  end(): void {
    const child = this.#child;
    this.#child = undefined;
    if (child?.pid === undefined || child.exitCode !== null) return;
    for (const pid of childrenOf(child.pid)) process.kill(pid, 'SIGKILL');
    child.removeAllListeners();
    child.kill('SIGKILL');
  }
}

function start(): ChildProcess {
  return fork(fileURLToPath(new URL('./worker.js', import.meta.url)), { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
}
