import { randomBytes } from 'node:crypto';
import path from 'node:path';

/** A name for a new run that sorts by time: `20261124-114034-x7k2`. */
export function newRunId(now = new Date()): string {
  const [date = '', time = ''] = now.toISOString().split('T');
  return `${date.replaceAll('-', '')}-${time.slice(0, 8).replaceAll(':', '')}-${randomBytes(2).toString('hex')}`;
}

export function runsFolder(workspace: string): string {
  return path.join(workspace, '.graft', 'runs');
}

export function logFile(folder: string): string {
  return path.join(folder, 'events.ndjson');
}

/** What the process and native code print. */
export function outputFile(folder: string): string {
  return path.join(folder, 'output.log');
}

/** The workspace that a run's folder lies in; the folder around it where it was put elsewhere. */
export function workspaceOf(folder: string): string {
  const workspace = path.resolve(folder, '..', '..', '..');
  return runsFolder(workspace) === path.dirname(path.resolve(folder)) ? workspace : path.dirname(path.resolve(folder));
}
