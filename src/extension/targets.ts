import type * as vscode from 'vscode';

import type { RunSummary } from './interfaces.js';

/** What a command is about: a run's id (rows, links, panel), a run, or nothing: then the user is asked. */
export type RunTarget = string | RunSummary | undefined;
/** A model: its file or folder, a run that has one, or nothing. */
export type ModelTarget = vscode.Uri | RunTarget;
