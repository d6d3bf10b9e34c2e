import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';

import type { RunEvent, RunInfo, RunReport, RunStatus } from '../../protocol/index.js';
import { GraftError, messageOf, nearest } from '../errors.js';
import { isRunAlive } from './alive.js';
import { runsFolder } from './run.js';

/** A run as its folder tells it. */
export interface RunRecord {
  readonly folder: string;
  readonly info: RunInfo;
  readonly events: readonly RunEvent[];
  readonly report: RunReport | undefined;
  readonly status: RunStatus;
}

const eventTypes: ReadonlySet<string> = new Set([
  'started',
  'phase',
  'progress',
  'data',
  'model',
  'stage',
  'batch',
  'epoch',
  'checkpoint',
  'warning',
  'log',
  'report',
  'saved',
  'learningRates',
  'paused',
  'continued',
  'done',
  'stopped',
  'failed',
] satisfies RunEvent['type'][]);

/** Events of whole lines. A line that is not an event (half written when a process was killed) is left out. */
export function parseEvents(text: string): RunEvent[] {
  return text.split('\n').flatMap((line) => {
    const event = parseEvent(line);
    return event === undefined ? [] : [event];
  });
}

export function parseEvent(line: string): RunEvent | undefined {
  if (line.trim() === '') return undefined;
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== 'object' || value === null) return undefined;
    const { type, time } = value as Record<string, unknown>;
    return typeof type === 'string' && eventTypes.has(type) && typeof time === 'number'
      ? (value as RunEvent)
      : undefined;
  } catch {
    return undefined;
  }
}

/** @throws GraftError when the folder is not a run. */
export async function readRun(folder: string): Promise<RunRecord> {
  const info = await readInfo(folder);
  const events = parseEvents(await readFile(path.join(folder, 'events.ndjson'), 'utf8').catch(() => ''));
  const report = await readReport(folder);
  return { folder, info, events, report, status: await statusOf(folder, info, events) };
}

/** Undefined while there is none. It is renamed into place, so it is whole. */
export async function readReport(folder: string): Promise<RunReport | undefined> {
  return await readFile(path.join(folder, 'report.json'), 'utf8').then(
    (text) => JSON.parse(text) as RunReport,
    () => undefined,
  );
}

/** All runs of a workspace, newest first. Folders that are not runs are left out. */
export async function listRuns(workspace: string): Promise<RunRecord[]> {
  const names = await readdir(runsFolder(workspace)).catch(() => []);
  const runs = await Promise.all(
    names.map((name) => readRun(path.join(runsFolder(workspace), name)).catch(() => undefined)),
  );
  return runs.filter((run) => run !== undefined).sort((a, b) => b.info.startTime - a.info.startTime);
}

/**
 * A run by its folder, its id, the beginning of its id, or `latest`.
 *
 * @throws GraftError when there is none, or several.
 */
export async function findRun(workspace: string, name: string): Promise<RunRecord> {
  if (
    await stat(path.join(name, 'run.json')).then(
      () => true,
      () => false,
    )
  )
    return await readRun(path.resolve(name));
  const runs = await listRuns(workspace);
  const found = name === 'latest' ? runs.slice(0, 1) : runs.filter(({ info }) => info.id.startsWith(name));
  const [first] = found;
  if (first !== undefined && found.length === 1) return first;
  const exact = found.find(({ info }) => info.id === name);
  if (exact !== undefined) return exact;
  const guess = nearest(
    name,
    runs.map(({ info }) => info.id),
  );
  const what =
    found.length > 1
      ? `"${name}" fits ${found.length} runs.`
      : `There is no run "${name}" in ${runsFolder(workspace)}.`;
  throw new GraftError(what, {
    action: guess === undefined ? 'See: graft runs' : `Did you mean ${guess}? See: graft runs`,
  });
}

async function statusOf(folder: string, info: RunInfo, events: readonly RunEvent[]): Promise<RunStatus> {
  for (const event of [...events].reverse()) {
    if (event.type === 'done' || event.type === 'stopped' || event.type === 'failed') return event.type;
    if (event.type === 'started') break;
  }
  if (!(await isRunAlive(folder, info))) return 'interrupted';
  const last = events.findLast(({ type }) => type === 'paused' || type === 'continued');
  return last?.type === 'paused' ? 'paused' : 'running';
}

/** @throws GraftError when the folder is not a run. */
export async function readInfo(folder: string): Promise<RunInfo> {
  try {
    const value: unknown = JSON.parse(await readFile(path.join(folder, 'run.json'), 'utf8'));
    if (typeof value !== 'object' || value === null) throw new Error('run.json is not an object');
    const { id, script, pid, nonce, socket, startTime } = value as Record<string, unknown>;
    const whole =
      [id, script, nonce, socket].every((field) => typeof field === 'string') &&
      typeof pid === 'number' &&
      typeof startTime === 'number';
    if (!whole) throw new Error('run.json lacks a field');
    return value as RunInfo;
  } catch (error) {
    throw new GraftError(`${folder} is not a run: ${messageOf(error)}`, { action: 'See: graft runs', cause: error });
  }
}
