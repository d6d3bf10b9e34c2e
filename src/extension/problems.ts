import * as vscode from 'vscode';

import { GraftError, messageOf } from '../common/errors.js';
import { shorten } from '../words/index.js';
import { tell } from './window.js';

/** A button below a message. */
export interface Action {
  readonly title: string;
  readonly run: () => unknown;
}

/** Tells the user what went wrong, why, and what to do next; details go to the log. */
export class Problems {
  constructor(readonly log: vscode.LogOutputChannel) {}

  /** Does not wait for the user. Where there are no actions, the extension's log is one. What was cancelled is no problem. */
  show(error: unknown, ...actions: readonly Action[]): void {
    if (error instanceof vscode.CancellationError) return;
    this.log.error(error instanceof Error ? error : String(error));
    if (error instanceof GraftError && error.cause instanceof Error) this.log.error(error.cause);
    const text =
      error instanceof GraftError
        ? `${shorten(error.message, 400)} ${shorten(error.action, 300)}`
        : shorten(messageOf(error), 400);
    const openLog = {
      title: vscode.l10n.t('Open Log'),
      run: () => {
        this.log.show();
      },
    };
    const all = actions.length > 0 ? actions : [openLog];
    tell(
      'error',
      text,
      all.map(({ title }) => title),
    ).then(
      (chosen) => {
        this.run(() => all.find(({ title }) => title === chosen)?.run());
      },
      () => undefined,
    );
  }

  /** Runs something that nobody waits for. */
  run(work: () => unknown): void {
    void (async () => {
      await work();
    })().catch((error: unknown) => {
      this.show(error);
    });
  }
}

/** @throws GraftError in a workspace that the user does not trust: there Graft looks, and runs nothing. */
export function requireTrust(): void {
  if (vscode.workspace.isTrusted) return;
  throw new GraftError(vscode.l10n.t('This workspace is not trusted, so Graft runs nothing in it.'), {
    action: vscode.l10n.t('Trust it with "Workspaces: Manage Workspace Trust".'),
  });
}
