import type { RunInfo } from '../protocol/index.js';
import { sendControl } from './control/client.js';
import { endProcess, type Force } from './end-process.js';
import { writeForcedEnd } from './forced-end.js';
import type { Launched } from './launchers/launch.js';
import { readInfo, statusOfRun } from './read.js';

interface Stoppable {
  readonly folder: string;
  /** Undefined while its process has not said who it is. */
  readonly info: Pick<RunInfo, 'id' | 'nonce' | 'host'> | undefined;
  /** Where whoever stops it has started it: nobody else's process can be meant. */
  readonly child?: Pick<Launched, 'pid' | 'signal' | 'end'>;
}

/**
 * Waits during a step, as long as whoever stops the run has patience: an editor some seconds, a terminal until Ctrl-C is pressed again.
 * Whether the run has ended.
 *
 * @param pid of the process that was not asked but signalled.
 * @param refused the run cannot be asked, so nobody needs to wait.
 */
type Patience = (step: 'ask' | Force, pid?: number, refused?: AbortSignal) => Promise<boolean>;

export interface Stopped {
  /** The last step that was taken. */
  readonly by: 'ask' | Force;
  /** Its process was ended before it could say so itself, so its log says it now. */
  readonly forced?: true;
  /** It goes on, and no process is proven to be its own. */
  readonly unproven?: true;
  /** Why it could not be asked. */
  readonly refusal?: unknown;
}

/** Brings a run to its end, the gentlest way first: asks it, then signals its process, then ends that and all that it started. */
export async function stopRun({ folder, info, child }: Stoppable, hasEnded: Patience): Promise<Stopped> {
  const { ended, refusal } = await ask(folder, info, hasEnded);
  if (ended) return { by: 'ask' };
  for (const by of ['terminate', 'kill'] as const) {
    const pid = child === undefined ? info && (await endProcess(folder, info.nonce, by)) : await endChild(child, by);
    if (pid === undefined) return { by, unproven: true, refusal };
    if (await hasEnded(by, pid)) return { by, ...(await sayForced(folder)) };
  }
  return { by: 'kill', refusal };
}

/** What does not answer may take its time to say so: meanwhile there may be no more patience. */
async function ask(folder: string, info: Stoppable['info'], hasEnded: Patience) {
  const refused = new AbortController();
  const refusal = new Promise<false>((resolve) => {
    const refuse = (error: unknown) => {
      refused.abort(error);
      resolve(false);
    };
    if (info !== undefined) sendControl(folder, info, 'stop').catch(refuse);
  });
  const ended = await Promise.race([hasEnded('ask', undefined, refused.signal), refusal]);
  return { ended, refusal: refused.signal.reason as unknown };
}

async function endChild(child: Pick<Launched, 'pid' | 'signal' | 'end'>, force: Force): Promise<number | undefined> {
  if (force === 'kill') await child.end();
  else child.signal('SIGTERM');
  return child.pid;
}

/** Not where it came to its own end meanwhile, and not where it never was a run. */
async function sayForced(folder: string): Promise<Pick<Stopped, 'forced'>> {
  const info = await readInfo(folder).catch(() => undefined);
  if (info === undefined || (await statusOfRun(folder, info)) !== 'interrupted') return {};
  writeForcedEnd(folder);
  return { forced: true };
}
