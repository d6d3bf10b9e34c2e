import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { packageFolder } from '../../common/package-folder.js';

/** A program that comes beside an export, with what differs filled in. */
export async function exampleText(name: string, values: Readonly<Record<string, unknown>> = {}): Promise<string> {
  let text = await readFile(path.join(packageFolder(), 'templates', 'export', name), 'utf8');
  for (const [placeholder, value] of Object.entries(values)) {
    if (!text.includes(placeholder)) throw new Error(`${name} has no ${placeholder}.`);
    text = text.replace(placeholder, () => literal(value));
  }
  return text;
}

/** JSON is JavaScript, and its texts are Python. What turns the order of a line around, or is not seen, is written as a number. */
function literal(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g,
    (hidden) => `\\u${hidden.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
