import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';

import { transform } from 'sucrase';

import { GraftError, messageOf, nearest } from '../errors.js';

const scriptName = /\.[cm]?[jt]s$/i;

/** @throws GraftError for what cannot be a training script: nothing at all, a folder, another kind of file. */
export async function checkScript(script: string): Promise<void> {
  const entry = await stat(script).catch(() => undefined);
  if (entry === undefined) {
    const folder = path.dirname(script);
    const guess = nearest(path.basename(script), await readdir(folder).catch(() => []));
    throw new GraftError(`There is no script ${script}.`, {
      action: guess === undefined ? 'Write one with: graft new' : `Did you mean ${path.join(folder, guess)}?`,
    });
  }
  if (entry.isDirectory()) {
    throw new GraftError(`${script} is a folder, not a script.`, {
      action: `Name a script in it; or write one for the pictures in it, with: graft new --technique fine-tune --data ${script}`,
    });
  }
  if (!scriptName.test(script)) throw notAScript(script);
}

function notAScript(script: string): GraftError {
  return new GraftError(`${script} is not a script: it is no TypeScript or JavaScript file.`, {
    action: 'Give a file that ends in .ts or .js, or write one with: graft new',
  });
}

/** Errors of the script's own text name the file and the line. */
export async function describeScriptError(error: unknown, script: string): Promise<unknown> {
  if (error instanceof SyntaxError) {
    const found = parserError(error) ?? (await parse(script));
    const what =
      found === undefined
        ? `${path.basename(script)} imports a file that is no valid script: ${error.message}`
        : `${path.basename(found.file)} is no valid script: ${found.what}`;
    return new GraftError(what, {
      action: 'Correct it, then run it again.',
      cause: error,
    });
  }
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ERR_UNKNOWN_FILE_EXTENSION') return notAScript(script);
  if (code === 'ERR_MODULE_NOT_FOUND') {
    return new GraftError(`${path.basename(script)}: ${messageOf(error)}`, {
      action: 'Correct the import, or install the package.',
      cause: error,
    });
  }
  return error;
}

/** Node says of a JavaScript file what is wrong, and keeps the place to itself. */
async function parse(script: string) {
  try {
    transform(await readFile(script, 'utf8'), { transforms: [], filePath: script });
    return undefined;
  } catch (error) {
    return parserError(error);
  }
}

/** Sucrase writes `Error transforming /folder/train.ts: Unexpected token (1:11)`. */
function parserError(error: unknown): { file: string; what: string } | undefined {
  const found = /^Error transforming (.*): (.*) \((\d+):(\d+)\)$/.exec(messageOf(error));
  if (found === null) return undefined;
  const [, file = '', what = '', line = '', column = ''] = found;
  return { file, what: `line ${line}, column ${column}: ${what}` };
}

export function nothingTrained(script: string): GraftError {
  return new GraftError(`${path.basename(script)} ran to its end and trained nothing: it calls nothing of graftjs.`, {
    action: 'Call fit(…) in it, or write a script with: graft new',
  });
}
