import path from 'node:path';

import * as vscode from 'vscode';

import { purposeOf } from '../../protocol/index.js';
import { writeAtomic } from '../../common/files.js';
import { readJsonFile } from '../../common/read-file.js';
import { runTitles } from '../../words/index.js';
import { numbers } from '../language.js';
import type { RunSummary } from '../interfaces.js';

/** What the user says about a run: `label.json` in its folder, so that it goes where the folder goes. */
export interface RunLabel {
  readonly name: string | undefined;
  readonly starred: boolean;
}

const none: RunLabel = { name: undefined, starred: false };
const fileName = 'label.json';
const longestName = 80;

/** The labels of all runs, and the titles that come of them. */
export class RunLabels {
  readonly #labels = new Map<string, RunLabel>();
  #titles: ReadonlyMap<string, string> = new Map();
  #titledFor = '';

  /** Reads those of these folders again. */
  async read(folders: Iterable<string>): Promise<void> {
    for (const folder of folders) this.#labels.set(folder, await readLabel(folder));
  }

  async change(folder: string, change: Partial<RunLabel>): Promise<void> {
    const { name, starred } = { ...(await readLabel(folder)), ...change };
    const label: RunLabel = { name: nameOf(name), starred };
    await writeAtomic(path.join(folder, fileName), `${JSON.stringify(label)}\n`);
    this.#labels.set(folder, label);
  }

  /** The same runs with their names and stars, and a title that no other one has. */
  apply(runs: readonly RunSummary[]): RunSummary[] {
    const labelled = runs.map((run) => ({ ...run, ...(this.#labels.get(run.folder) ?? none) }));
    // Asked for several times a second, and different only when a run comes, goes or gets a name.
    const titledFor = labelled.map(({ id, name = '' }) => `${id}\n${name}`).join('\n');
    if (titledFor !== this.#titledFor) {
      const named = labelled.map(({ id, info, name }) => ({
        ...{ id, name, script: info.script, purpose: purposeOf(info), startTime: info.startTime },
      }));
      this.#titles = runTitles(vscode.l10n.t, numbers(), named);
      this.#titledFor = titledFor;
    }
    return labelled.map((run) => ({ ...run, title: this.#titles.get(run.id) ?? run.title }));
  }
}

/** A folder may have come with a download: what is no label there is none. */
async function readLabel(folder: string): Promise<RunLabel> {
  const value = await readJsonFile(path.join(folder, fileName), 4_096).catch(() => undefined);
  if (typeof value !== 'object' || value === null) return none;
  const { name, starred } = value as Record<string, unknown>;
  return { name: typeof name === 'string' ? nameOf(name) : undefined, starred: starred === true };
}

/** One short line, or undefined for none. */
function nameOf(text: string | undefined): string | undefined {
  const name = (text ?? '')
    .replaceAll(/[\p{C}\s]+/gu, ' ')
    .trim()
    .slice(0, longestName);
  return name === '' ? undefined : name;
}
