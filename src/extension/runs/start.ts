import { stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import * as vscode from 'vscode';

import { protocolVersion, type RunEvent, type StartedEvent } from '../../protocol/index.js';
import { GraftError, messageOf } from '../../common/errors.js';
import { cannotOpenRun, type Launched, type LaunchOptions } from '../../runs/launchers/launch.js';
import { launchTraining } from '../../runs/launchers/local.js';
import { lastLines } from '../../runs/last-lines.js';
import { LogReader } from '../../runs/log-reader.js';
import { logFile, outputFile } from '../../runs/run-folder.js';
import { checkNodePath } from '../node.js';

const handshakeMs = 30_000;

/**
 * Starts a training process and waits until it has said who it is.
 *
 * @throws GraftError when it does not start, ends at once, speaks another protocol or says nothing for 30 s.
 */
export async function startTraining(options: LaunchOptions): Promise<Launched> {
  let started: StartedEvent | undefined;
  const onEvent = (event: RunEvent) => {
    if (event.type === 'started') started = event;
  };
  const log = await LogReader.near(logFile(options.folder), { onEvent });
  const child = launchTraining(options);
  const ended = child.ended.then(
    ({ code, signal }) => ({
      code,
      reason:
        signal === null
          ? vscode.l10n.t('It ended with code {0}.', code ?? '?')
          : vscode.l10n.t('It was killed ({0}).', signal),
    }),
    (error: unknown) => ({ code: null, reason: messageOf(error) }),
  );
  const giveUp = Date.now() + handshakeMs;
  for (;;) {
    const end = await Promise.race([ended, sleep(50)]);
    await log.read();
    if (started !== undefined) {
      await checkProtocol(child, started, options);
      return child;
    }
    if (end !== undefined || Date.now() > giveUp) {
      if (end === undefined) await child.end();
      if (end?.code === cannotOpenRun) throw await openError(options);
      throw await startError(options, end?.reason ?? vscode.l10n.t('It said nothing for {0} s.', handshakeMs / 1000));
    }
  }
}

async function checkProtocol(child: Launched, { protocol }: StartedEvent, { program }: LaunchOptions): Promise<void> {
  if (protocol === protocolVersion) return;
  await child.end();
  const message = vscode.l10n.t(
    'The training process speaks protocol {0}, this extension {1}.',
    protocol,
    protocolVersion,
  );
  throw new GraftError(message, {
    action: vscode.l10n.t('Reload the window: {0} was replaced by another version.', program),
  });
}

/** The process has said why, in a line that ends with what to do. */
async function openError({ folder }: LaunchOptions): Promise<GraftError> {
  const lines = await lastLines(outputFile(folder), 2_000);
  const said = lines.at(-1) ?? vscode.l10n.t('The run folder {0} cannot be opened.', folder);
  return new GraftError(vscode.l10n.t('Training could not start.'), { action: said });
}

async function startError({ folder, node }: LaunchOptions, reason: string): Promise<GraftError> {
  const lines = await lastLines(outputFile(folder), 2_000);
  const message = vscode.l10n.t('Training could not start with {0}.', node);
  return new GraftError([message, reason, ...lines.slice(-3)].join(' '), { action: checkNodePath() });
}

/** Waits until a run folder says that its process has started: for one that a debugger starts. */
export async function waitForRun(folder: string, isGivenUp: () => boolean): Promise<boolean> {
  while (!isGivenUp()) {
    const isThere = await stat(path.join(folder, 'run.json')).then(
      () => true,
      () => false,
    );
    if (isThere) return true;
    await sleep(100);
  }
  return false;
}
