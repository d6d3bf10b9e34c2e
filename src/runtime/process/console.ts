import path from 'node:path';
import { format } from 'node:util';

import type { LogEvent } from '../../protocol/index.js';
import { packageFolder } from '../../common/package-folder.js';
import type { Run } from '../run/run.js';

const levels = { log: 'info', info: 'info', debug: 'info', warn: 'warning', error: 'error' } as const;
const longestText = 4_000;
/** Events of one execution, and of one second: a script that prints each batch fills neither a disk nor a panel. */
const most = 5_000;
const mostPerSecond = 100;

/**
 * What the script says with `console.log` and the like is part of its run's log, besides `output.log`. What the library and
 * packages say stays there alone. What is too much is counted.
 */
export function logConsole(run: Run): void {
  const budget = new Budget();
  for (const [name, level] of Object.entries(levels)) {
    const method = name as keyof typeof levels;
    const original = console[method].bind(console);
    console[method] = (...values: unknown[]) => {
      original(...values);
      if (!fromScript(new Error().stack ?? '')) return;
      const text = format(...values);
      say(run, budget, level, text.length > longestText ? `${text.slice(0, longestText)}…` : text);
    };
  }
  run.onEnd(() => {
    if (budget.left > 0) run.emit({ type: 'log', level: 'info', text: droppedText(budget.takeLeft()) });
  });
}

function say(run: Run, budget: Budget, level: LogEvent['level'], text: string): void {
  if (!budget.take(Date.now())) return;
  if (budget.left > 0) run.emit({ type: 'log', level: 'info', text: droppedText(budget.takeLeft()) });
  run.emit({ type: 'log', level, text });
}

const droppedText = (count: number) => `… ${count} more: see output.log in the run's folder.`;

/** How much may be said. */
export class Budget {
  #second = 0;
  #inSecond = 0;
  #total = 0;
  /** What was not said since the last time that this was taken. */
  left = 0;

  /** @param now in milliseconds. */
  take(now: number): boolean {
    const second = Math.floor(now / 1000);
    if (second !== this.#second) [this.#second, this.#inSecond] = [second, 0];
    if (this.#total >= most || this.#inSecond >= mostPerSecond) {
      this.left++;
      return false;
    }
    this.#total++;
    this.#inSecond++;
    return true;
  }

  takeLeft(): number {
    const { left } = this;
    this.left = 0;
    return left;
  }
}

// With source maps a stack names the files that ours were made from.
const own = ['dist', 'src'].map((name) => path.join(packageFolder(), name) + path.sep);

/** Whether the one that called `console` is the user's. The first two lines are the error's name and our wrapper. */
function fromScript(stack: string): boolean {
  const caller = stack.split('\n')[2] ?? '';
  return (
    !caller.includes('node:') &&
    !caller.includes(`${path.sep}node_modules${path.sep}`) &&
    !own.some((folder) => caller.includes(folder))
  );
}
