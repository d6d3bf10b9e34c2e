import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';

import {
  checkReport,
  checkRunInfo,
  type RunEvent,
  type RunInfo,
  type RunReport,
  type RunStatus,
} from '../protocol/index.js';
import { GraftError, messageOf, nearest } from '../common/errors.js';
import { readJsonFile } from '../common/read-file.js';
import { isRunAlive } from './alive.js';
import { logFile, runsFolder } from './run-folder.js';
import { LogReader } from './log-reader.js';
import { StateListener, statusOf } from './log-state.js';

/** The end of a log tells how a run is: it ends with its end, and while it is paused nothing is written. */
const glance = 262_144;
const longestInfo = 4 << 20;
const atOnce = 8;
/** A thousand classes have a million numbers in their confusion matrix. */
const longestReport = 64 << 20;

/** A run as its folder tells it. */
export interface RunRecord {
  readonly folder: string;
  readonly info: RunInfo;
  /** Undefined while there is none, and where it is damaged. */
  readonly report: RunReport | undefined;
  /** Why the report cannot be shown. */
  readonly damage: GraftError | undefined;
  readonly status: RunStatus;
}

/** @throws GraftError when the folder is not a run. */
export async function readRun(folder: string): Promise<RunRecord> {
  const info = await readInfo(folder);
  const { report, damage } = await readReport(folder);
  return { folder, info, report, damage, status: await statusOfRun(folder, info) };
}

/** Goes through a run's log from its start. A log may be larger than memory: what is not needed is not kept. */
export async function readEvents(folder: string, onEvent: (event: RunEvent) => void): Promise<void> {
  await new LogReader(logFile(folder), { wantsBatch: () => true, onEvent }).read();
}

/** The newest event of a type, of which there are not as many as batches. */
export async function lastEvent<Type extends Exclude<RunEvent['type'], 'batch'>>(
  folder: string,
  type: Type,
): Promise<Extract<RunEvent, { type: Type }> | undefined> {
  let last: Extract<RunEvent, { type: Type }> | undefined;
  const onEvent = (event: RunEvent) => {
    if (event.type === type) last = event as Extract<RunEvent, { type: Type }>;
  };
  await new LogReader(logFile(folder), { onEvent }).read();
  return last;
}

/** Differs when a run's report does; empty while there is none. */
export async function reportStamp(folder: string): Promise<string> {
  return await stat(path.join(folder, 'report.json')).then(
    ({ mtimeMs, size, ino }) => [mtimeMs, size, ino].join(),
    () => '',
  );
}

/** The report of a run; neither it nor damage while there is none. It is renamed into place, so it is whole, unless somebody changed it. */
export async function readReport(folder: string): Promise<Partial<Pick<RunRecord, 'report' | 'damage'>>> {
  const file = path.join(folder, 'report.json');
  if (!(await exists(file))) return {};
  try {
    const checked = checkReport(await readJsonFile(file, longestReport));
    if ('value' in checked) return { report: checked.value };
    throw new Error(checked.wrong);
  } catch (error) {
    return {
      damage: new GraftError(`The report of run ${path.basename(folder)} is damaged: ${messageOf(error)}`, {
        action: `Put report.json back as it was, or run the script again. ${folder} has the rest of the run.`,
        cause: error,
      }),
    };
  }
}

/**
 * What `read` makes of each run of a workspace, newest first. Folders that are not runs are left out, and `onDamaged` is told of those that
 * were. A report may take hundreds of megabytes: whoever lists runs keeps what is shown of each.
 */
export async function listRuns<T extends { readonly info: RunInfo }>(
  workspace: string,
  read: (folder: string) => Promise<T>,
  onDamaged: (error: GraftError) => void = () => undefined,
): Promise<T[]> {
  const folders = await runFolders(workspace, onDamaged);
  const runs: T[] = [];
  // A few at a time: of thousands, all at once would open more files than a process may have.
  for (let start = 0; start < folders.length; start += atOnce) {
    const some = folders.slice(start, start + atOnce).map((folder) =>
      read(folder).catch(async (error: unknown) => {
        if (error instanceof GraftError && (await exists(path.join(folder, 'run.json')))) onDamaged(error);
        return undefined;
      }),
    );
    runs.push(...(await Promise.all(some)).filter((run) => run !== undefined));
  }
  return runs.sort((a, b) => b.info.startTime - a.info.startTime);
}

/** What lies where the runs of a workspace are; `onDamaged` is told where that cannot be read. */
export async function runFolders(workspace: string, onDamaged: (error: GraftError) => void): Promise<string[]> {
  const parent = runsFolder(workspace);
  try {
    return (await readdir(parent)).map((name) => path.join(parent, name));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code !== 'ENOENT') {
      const action = 'Runs lie in this folder: move what is in its place away, or open it to its user.';
      onDamaged(new GraftError(`${parent} cannot be read: ${error.message}`, { action, cause: error }));
    }
    return [];
  }
}

/**
 * A run by its folder, its id, the beginning of its id, or `latest`.
 *
 * @throws GraftError when there is none, or several.
 */
export async function findRun(workspace: string, name: string): Promise<RunRecord> {
  if (await exists(path.join(name, 'run.json'))) return await readRun(path.resolve(name));
  const damaged: GraftError[] = [];
  const runs = await listRuns(
    workspace,
    async (folder) => ({ folder, info: await readInfo(folder) }),
    (error) => damaged.push(error),
  );
  const found = name === 'latest' ? runs.slice(0, 1) : runs.filter(({ info }) => info.id.startsWith(name));
  const [first] = found;
  if (first !== undefined && found.length === 1) return await readRun(first.folder);
  const exact = found.find(({ info }) => info.id === name);
  if (exact !== undefined) return await readRun(exact.folder);
  const meant = damaged.find(({ message }) => message.includes(name));
  if (first === undefined && meant !== undefined) throw meant;
  const guess = nearest(name, runs.length === 0 ? [] : ['latest', ...runs.map(({ info }) => info.id)]);
  const what =
    found.length > 1
      ? `"${name}" fits ${found.length} runs.`
      : `There is no run "${name}" in ${runsFolder(workspace)}.`;
  throw new GraftError(what, {
    action: guess === undefined ? 'See: graft runs' : `Did you mean ${guess}? See: graft runs`,
  });
}

export async function statusOfRun(folder: string, info: RunInfo): Promise<RunStatus> {
  const listener = new StateListener();
  await (await LogReader.near(logFile(folder), listener, glance)).read();
  const { state } = listener;
  return statusOf(state, state.ended === undefined && (await isRunAlive(folder, info)));
}

/** @throws GraftError when the folder is not a run. */
export async function readInfo(folder: string): Promise<RunInfo> {
  try {
    const checked = checkRunInfo(await readJsonFile(path.join(folder, 'run.json'), longestInfo), path.basename(folder));
    if ('value' in checked) return checked.value;
    throw new Error(`run.json is damaged: ${checked.wrong}`);
  } catch (error) {
    throw new GraftError(`${folder} is not a run: ${messageOf(error)}`, {
      action: 'Put its run.json back as it was, or delete the folder.',
      cause: error,
    });
  }
}

async function exists(file: string): Promise<boolean> {
  return await stat(file).then(
    () => true,
    () => false,
  );
}
