import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { packageFolder } from '../../common/package-folder.js';

const ownFolder = path.join(packageFolder(), 'dist') + path.sep;

/** The first line of a script that an error's stack names, or that of what caused it. Not one of ours or of a package. */
export function placeInScript(error: Error): { readonly file: string; readonly line: number } | undefined {
  const { stack = '', cause } = error;
  for (const [, url = '', line = ''] of stack.matchAll(/(file:\/\/\/[^\s)]*?\.[cm]?[jt]s):(\d+)/g)) {
    const file = fileURLToPath(url);
    if (file.startsWith(ownFolder) || file.includes(`${path.sep}node_modules${path.sep}`)) continue;
    return { file, line: Number(line) };
  }
  return cause instanceof Error ? placeInScript(cause) : undefined;
}
