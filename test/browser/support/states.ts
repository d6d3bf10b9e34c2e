import { mkdtemp } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import type { Browser } from 'playwright-core';

import type { Bundle } from '../../../src/words/index.js';
import type { RunSummary } from '../../../src/extension/services.js';
import { FakeEditor, FakeRuns, makeRun } from './fake-host.js';
import { openPanel, type PanelPage } from './panel-page.js';
import type { ThemeName } from './themes.js';

export const stateNames = ['running', 'finished', 'empty', 'error', 'form', 'compare'] as const;
export type StateName = (typeof stateNames)[number];

export interface Shown extends PanelPage {
  readonly runs: FakeRuns;
  readonly editor: FakeEditor;
  readonly workspace: string;
}

/** The panel in one of the states that a user sees, fully drawn. */
export async function showState(browser: Browser, state: StateName, theme: ThemeName, texts?: Bundle): Promise<Shown> {
  const workspace = await mkdtemp(path.join(os.tmpdir(), 'graft-panel-'));
  const runs = new FakeRuns(await runsOf(state, workspace));
  const editor = new FakeEditor([workspace], texts);
  const view = {
    running: { kind: 'run' },
    finished: { kind: 'run' },
    empty: { kind: 'run' },
    error: { kind: 'run' },
    form: { kind: 'form', data: 'data/garden' },
    compare: { kind: 'compare', ids: runs.runs.map(({ id }) => id) },
  }[state];
  const shown = await openPanel(browser, { runs, editor, theme, state: { view } });
  const sign = {
    running: '.chart canvas',
    finished: '.card img',
    empty: '.empty',
    error: '.banner.error',
    form: '.preview code',
    compare: '.chart canvas',
  }[state];
  await shown.page.waitForSelector(sign);
  await shown.page.waitForTimeout(300);
  return { ...shown, runs, editor, workspace };
}

async function runsOf(state: StateName, workspace: string): Promise<RunSummary[]> {
  const done = () => makeRun(workspace, 'fine-tuning', '20261124-203710-146c', { status: 'done' });
  const earlier = () => makeRun(workspace, 'feature-extraction', '20261124-203702-46ee', { status: 'done' });
  switch (state) {
    case 'empty':
    case 'form':
      return [];
    case 'running':
      return [
        await makeRun(workspace, 'fine-tuning', '20261124-203710-146c', { status: 'running', keep: 0.83 }),
        await earlier(),
      ];
    case 'error':
      return [
        await makeRun(workspace, 'fine-tuning', '20261124-203710-146c', {
          status: 'failed',
          keep: 0.72,
          problem: {
            message: 'Cannot write checkpoints/training-1.safetensors: the disk is full.',
            action: 'Free some space (old runs and the cache are in .graft/), then resume the run.',
          },
        }),
      ];
    case 'finished':
    case 'compare':
      return [await done(), await earlier()];
  }
}
