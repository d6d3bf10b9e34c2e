import { readFile } from 'node:fs/promises';
import path from 'node:path';

import type { Kind, Task } from '../../protocol/index.js';
import { packageFolder } from '../../common/package-folder.js';

/** A program that comes beside an export, for what the model has learnt, with what differs filled in. */
export async function exampleText(
  kind: Kind,
  name: string,
  task: Task,
  values: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  let text = partsFor(task, await readFile(path.join(packageFolder(), 'templates', kind, 'export', name), 'utf8'));
  for (const [placeholder, value] of Object.entries(values)) {
    if (!text.includes(placeholder)) throw new Error(`${name} has no ${placeholder}.`);
    text = text.replace(placeholder, () => literal(value));
  }
  return text;
}

/** Lines `[task]` in comments begin what is for one task alone, `[end]` ends it. */
function partsFor(task: Task, text: string): string {
  let part: string | undefined;
  const kept = text.split('\n').filter((line) => {
    const mark = /^\s*(?:#|\/\/) \[([\w-]+)\]$/.exec(line)?.[1];
    if (mark !== undefined) part = mark === 'end' ? undefined : mark;
    return mark === undefined && (part === undefined || part === task);
  });
  return kept.join('\n');
}

/** JSON is JavaScript, and its texts are Python. What turns the order of a line around, or is not seen, is written as a number. */
function literal(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g,
    (hidden) => `\\u${hidden.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
