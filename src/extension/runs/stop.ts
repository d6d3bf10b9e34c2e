import { setTimeout as sleep } from 'node:timers/promises';

import * as vscode from 'vscode';

import { GraftError } from '../../common/errors.js';
import { stopRun } from '../../runs/stop.js';
import type { RunSummary } from '../interfaces.js';
import type { Debugging } from './debugging.js';
import type { RunIndex } from './run-index.js';

/** A stop lets the batch end and saves a checkpoint; after this long it becomes a signal, then the end. */
const stopMs = 20_000;
const terminateMs = 5_000;

/**
 * Stops a run, whoever has started it.
 *
 * @throws GraftError where it goes on, and no process is proven to be its own.
 */
export async function stop(
  { id, folder, info }: RunSummary,
  index: Pick<RunIndex, 'isActive' | 'refresh'>,
  debugging: Pick<Debugging, 'stopHalted'>,
  log: Pick<vscode.LogOutputChannel, 'warn'>,
): Promise<void> {
  const endsWithin = async (ms: number, refused?: AbortSignal) => {
    const end = Date.now() + ms;
    while (index.isActive(id) && Date.now() < end && refused?.aborted !== true) await sleep(100);
    return !index.isActive(id);
  };
  // Halted at a breakpoint it hears nothing: the debugger lets it go, and its SIGTERM is our Stop.
  if ((await debugging.stopHalted(folder)) && (await endsWithin(stopMs))) return;
  const { forced, unproven, refusal } = await stopRun({ folder, info }, async (step, pid, refused) => {
    if (pid !== undefined) log.warn(`Run ${id} does not end when asked: process ${pid}, ${step}.`);
    return await endsWithin(step === 'ask' ? stopMs : terminateMs, refused);
  });
  if (unproven === true && !(await endsWithin(terminateMs))) {
    throw new GraftError(
      vscode.l10n.t('Run {0} does not stop, and no process is known for certain to be its own, so none was ended.', id),
      { action: vscode.l10n.t('Stop it where it was started.'), cause: refusal },
    );
  }
  if (forced === true) await index.refresh();
}
