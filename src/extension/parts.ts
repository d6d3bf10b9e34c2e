import type * as vscode from 'vscode';

import type { Documents } from './documents.js';
import type { Problems } from './problems.js';
import type { RunStore } from './runs/run-store.js';
import type { RunsShown } from './runs/shown.js';
import type { Service, TrainingPanel } from './interfaces.js';
import type { Walkthrough } from './walkthrough.js';

/** What commands may use. */
export interface Parts {
  readonly context: vscode.ExtensionContext;
  readonly runs: RunStore;
  readonly shown: RunsShown;
  readonly service: Service;
  readonly panel: TrainingPanel;
  readonly problems: Problems;
  readonly documents: Documents;
  readonly walkthrough: Walkthrough;
}
