import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import type { Format, Outcome, Verdict } from './types.js';
import type { Ended } from './worker-process.js';

/** What the whole files gave. */
export interface Expected {
  readonly result: string;
  /** Notes, and files that were left out with a reason. */
  readonly said: readonly string[];
  readonly ms: number;
}

export interface Judged {
  readonly verdict: Verdict;
  readonly why: string;
}

/** Stacks, and what JavaScript and native code say to programmers. */
const internal =
  /^\s+at .+:\d+:\d+\)?$|\b(Type|Range|Reference|Syntax)Error\b|\bis not (a function|iterable)\b|Cannot (read|set) propert|Cannot destructure|\(reading '|Maximum call stack|Invalid array length|\[object Object\]|\bundefined\b/m;

const spoken = /^Note: .*$|"skipped": ?\[\s*\{[^}]*\}|"error": ?"[^"]*"/gm;

/** What a case came to, against what the whole files gave. */
export function judge(format: Format, workspace: string, ended: Ended, expected: Expected): Judged {
  if (ended.kind === 'hang') return { verdict: 'hang', why: `${seconds(ended.ms)} without an end` };
  if (ended.kind === 'memory') return { verdict: 'memory', why: `${Math.round(ended.peak / 1e6)} MB` };
  if (ended.kind === 'exit') return { verdict: 'crash', why: `the process ended with ${ended.how}` };
  const { outcomes } = ended;
  for (const { code, error } of outcomes) {
    const crash = /The training process (was killed|ended with).*/.exec(error);
    if (crash !== null) return { verdict: 'crash', why: crash[0] };
    if (![0, 1, 2, 130].includes(code)) return { verdict: 'crash', why: `exit code ${code}` };
  }
  const stack = outcomes.map(stackOf).find((text) => text !== undefined) ?? failureOf(workspace);
  if (stack !== undefined) return { verdict: 'stack', why: stack.slice(0, 300) };
  const result = format.result(workspace, outcomes);
  if (result === expected.result) return { verdict: 'harmless', why: '' };
  const [said] = saidIn(outcomes).filter((text) => !expected.said.includes(text));
  if (said !== undefined) return { verdict: 'refused', why: said.trim().slice(0, 300) };
  return { verdict: 'silent', why: difference(expected.result, result) };
}

/** What the user was told: a refusal, notes, files that were left out with a reason. */
export function saidIn(outcomes: readonly Outcome[]): string[] {
  return outcomes.flatMap(({ code, out, error }) => [
    ...(code === 0 ? [] : [error]),
    ...Array.from(`${out}\n${error}`.matchAll(spoken), ([text]) => text),
  ]);
}

function stackOf({ stack, error }: Outcome): string | undefined {
  return stack ?? (internal.test(error) ? error : undefined);
}

/** An error of a training that is not for people has no action. */
function failureOf(workspace: string): string | undefined {
  for (const folder of ['again', ...runs(workspace)]) {
    const log = path.join(workspace, folder, 'events.ndjson');
    const output = path.join(workspace, folder, 'output.log');
    if (!existsSync(log) || !existsSync(output)) continue;
    const last = readFileSync(log, 'utf8').trimEnd().split('\n').at(-1) ?? '';
    if (last.startsWith('{"type":"failed"') && !last.includes('"action":')) return last;
  }
  return undefined;
}

function runs(workspace: string): string[] {
  const folder = path.join('.graft', 'runs');
  return existsSync(path.join(workspace, folder))
    ? readdirSync(path.join(workspace, folder)).map((name) => path.join(folder, name))
    : [];
}

function difference(expected: string, received: string): string {
  let at = 0;
  while (at < expected.length && expected[at] === received[at]) at++;
  const around = (text: string) => JSON.stringify(text.slice(Math.max(0, at - 30), at + 50));
  return `${around(expected)} became ${around(received)}`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
