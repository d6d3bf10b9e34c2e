import { execFile } from 'node:child_process';
import { readFile, readlink } from 'node:fs/promises';
import path from 'node:path';

import { isProcessId } from '../../protocol/index.js';

/** What the system says of a process. */
interface ProcessState {
  /** Tells it from every other one that has had, or will have, its number: when it started, and where. */
  readonly identity: string;
  /** It was killed, and whoever started it has not taken note yet: nothing of it runs any more. */
  readonly isZombie: boolean;
  /** A signal to the group of its number reaches it and what it started, and nobody else. */
  readonly leadsGroup: boolean;
}

/** Undefined where there is no such process, where its number is none, or where the system does not tell. */
export async function processState(pid: number): Promise<ProcessState | undefined> {
  if (!isProcessId(pid)) return undefined;
  if (process.platform === 'linux') return await fromProc(pid);
  return process.platform === 'win32' ? await fromPowerShell(pid) : await fromPs(pid);
}

/**
 * Whether a process of this number runs, whatever it is; sends nothing. A zombie does not run, as far as the system tells that
 * without starting another process.
 */
export async function processRuns(pid: number): Promise<boolean> {
  if (!isProcessId(pid)) return false;
  if (process.platform === 'linux') return (await fromProc(pid))?.isZombie === false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** Numbers and start times of processes mean something only within one boot and one PID namespace. */
export async function machineIdentity(): Promise<string> {
  if (process.platform !== 'linux') return process.platform;
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '');
  const namespace = await readlink('/proc/self/ns/pid').catch(() => '');
  return `${boot.trim()} ${namespace}`;
}

async function fromProc(pid: number): Promise<ProcessState | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  if (stat === undefined) return undefined;
  // `pid (name) state ppid pgrp session …`: the name may have anything in it, parentheses too.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state = '', , group] = fields;
  const started = fields[19];
  if (started === undefined) return undefined;
  return {
    identity: `${await machineIdentity()} ${started}`,
    isZombie: state === 'Z' || state === 'X',
    leadsGroup: Number(group) === pid,
  };
}

async function fromPs(pid: number): Promise<ProcessState | undefined> {
  const text = await output('ps', ['-o', 'pgid=,stat=,lstart=', '-p', String(pid)]);
  const [, group, state, started] = /^\s*(\d+)\s+(\S+)\s+(\S.*?)\s*$/.exec(text ?? '') ?? [];
  if (started === undefined) return undefined;
  return {
    identity: `${process.platform} ${started}`,
    isZombie: state?.startsWith('Z') === true,
    leadsGroup: Number(group) === pid,
  };
}

async function fromPowerShell(pid: number): Promise<ProcessState | undefined> {
  const script = `(Get-Process -Id ${pid} -ErrorAction Stop).StartTime.ToFileTimeUtc()`;
  const text = await output(systemProgram('WindowsPowerShell\\v1.0\\powershell.exe'), [
    '-NoProfile',
    '-NonInteractive',
    '-Command',
    script,
  ]);
  const started = text?.trim() ?? '';
  return /^\d+$/.test(started)
    ? { identity: `${process.platform} ${started}`, isZombie: false, leadsGroup: false }
    : undefined;
}

/** A program of Windows, whole: by its name alone, one that lies in the workspace would be found first. */
export function systemProgram(name: string, { SystemRoot: root = 'C:\\Windows' } = process.env): string {
  return path.win32.join(root, 'System32', name);
}

async function output(program: string, words: readonly string[]): Promise<string | undefined> {
  const env = { ...process.env, LC_ALL: 'C', TZ: 'UTC' };
  return await new Promise((resolve) => {
    execFile(program, words, { env, timeout: 10_000, windowsHide: true }, (error, text) => {
      resolve(error === null ? text : undefined);
    });
  });
}
