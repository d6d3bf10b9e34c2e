import { open } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { protocolVersion, type StartedEvent } from '../../protocol/index.js';
import { GraftError, messageOf } from '../../runtime/errors.js';
import { killTree } from '../../runtime/process/kill-tree.js';
import { cannotOpenRun, launchTraining, type Launched, type LaunchOptions } from '../../runtime/process/launch.js';
import { parseEvent } from '../../runtime/runs/read.js';
import { lastLines, Tail } from '../../runtime/runs/tail.js';

const handshakeMs = 30_000;

/**
 * Starts a training process and waits until it has said who it is.
 *
 * @throws GraftError when it does not start, ends at once, speaks another protocol or says nothing for 30 s.
 */
export async function startTraining(options: LaunchOptions): Promise<Launched> {
  const log = path.join(options.folder, 'events.ndjson');
  const tail = new Tail(log);
  await tail.skip();
  const child = launchTraining(options);
  const ended = child.ended.then(
    ({ code, signal }) => ({
      code,
      reason: signal === null ? `it ended with code ${code ?? 'unknown'}` : `it was killed (${signal})`,
    }),
    (error: unknown) => ({ code: null, reason: messageOf(error) }),
  );
  const giveUp = Date.now() + handshakeMs;
  for (;;) {
    const end = await Promise.race([ended, sleep(50)]);
    const started = (await tail.read()).map(parseEvent).find((event) => event?.type === 'started');
    if (started?.type === 'started') {
      await checkProtocol(started, options);
      return child;
    }
    if (end !== undefined || Date.now() > giveUp) {
      if (end === undefined && child.pid !== undefined) await killTree(child.pid);
      if (end?.code === cannotOpenRun) throw await openError(options);
      throw await startError(options, end?.reason ?? `it said nothing for ${handshakeMs / 1000} s`);
    }
  }
}

async function checkProtocol({ protocol, pid }: StartedEvent, { program }: LaunchOptions): Promise<void> {
  if (protocol === protocolVersion) return;
  await killTree(pid);
  throw new GraftError(`The training process speaks protocol ${protocol}, this extension ${protocolVersion}.`, {
    action: `Reload the window: ${program} was replaced by another version.`,
  });
}

/** The process has said why, in a line that ends with what to do. */
async function openError({ folder }: LaunchOptions): Promise<GraftError> {
  const { lines } = await lastLines(path.join(folder, 'output.log'), 2_000);
  const said = lines.at(-1) ?? `The run folder ${folder} cannot be opened.`;
  return new GraftError('Training could not start.', { action: said });
}

async function startError({ folder, node }: LaunchOptions, reason: string): Promise<GraftError> {
  const { lines } = await lastLines(path.join(folder, 'output.log'), 2_000);
  const output = lines.slice(-3).join(' ');
  return new GraftError(`Training could not start with ${node}: ${reason}.${output === '' ? '' : ` ${output}`}`, {
    action: 'Check the setting graft.nodePath: empty for the Node inside VS Code, or the path of Node 20 or newer.',
  });
}

/** Waits until a run folder says that its process has started: for one that a debugger starts. */
export async function waitForRun(folder: string, isGivenUp: () => boolean): Promise<boolean> {
  while (!isGivenUp()) {
    const handle = await open(path.join(folder, 'run.json')).catch(() => undefined);
    if (handle !== undefined) {
      await handle.close();
      return true;
    }
    await sleep(100);
  }
  return false;
}
