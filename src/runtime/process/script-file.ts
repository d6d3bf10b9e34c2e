import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';

import { transform } from 'sucrase';

import { EndOfScript, GraftError, messageOf, nearest, StoppedError } from '../errors.js';
import { placeInScript } from '../runs/place-in-script.js';

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

/**
 * Errors of the script's own text name the file and the line.
 *
 * @param library address of graftjs: a name that it does not export may be a slip of the pen.
 */
export async function describeScriptError(error: unknown, script: string, library: string): Promise<unknown> {
  const isOurs = [GraftError, StoppedError, EndOfScript].some((kind) => error instanceof kind);
  if (!(error instanceof Error) || isOurs) return error;
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ERR_UNKNOWN_FILE_EXTENSION') return notAScript(script);
  if (code === 'ERR_MODULE_NOT_FOUND') {
    return new GraftError(`${path.basename(script)}: ${messageOf(error)}`, {
      action: 'Correct the import, or install the package.',
      cause: error,
    });
  }
  if (code !== undefined) return error;
  const place = placeOf(error);
  const at = place ?? path.basename(script);
  if (!(error instanceof SyntaxError)) {
    const forgotten = await forgottenAwait(script);
    if (forgotten !== undefined) {
      const { call, name } = forgotten;
      return new GraftError(`${forgotten.place}: ${call}(…) was not awaited, so ${name} is a promise.`, {
        action: `Write: const ${name} = await ${call}(…)`,
        cause: error,
      });
    }
    if (place === undefined) return error;
    return new GraftError(`${at}: ${error.message}`, {
      action: 'Correct the script, then run it again.',
      cause: error,
    });
  }
  const missing = /^The requested module '(.*)' does not provide an export named '(.*)'$/.exec(error.message);
  if (missing !== null) {
    const [, from = '', name = ''] = missing;
    const guess = from === 'graftjs' ? nearest(name, await exportsOf(library)) : undefined;
    return new GraftError(`${at}: ${from} has no export "${name}".`, {
      action: guess === undefined ? 'Correct the import.' : `Did you mean "${guess}"?`,
      cause: error,
    });
  }
  const found = parserError(error) ?? (await parse(script));
  const what =
    found === undefined
      ? `${at}${place === undefined ? ', or a file that it imports,' : ''} is no valid script: ${error.message}`
      : `${path.basename(found.file)} is no valid script: ${found.what}`;
  return new GraftError(what, { action: 'Correct it, then run it again.', cause: error });
}

async function exportsOf(library: string): Promise<string[]> {
  const exported: unknown = await import(library);
  return Object.keys(exported ?? {});
}

/** `train.ts, line 12`. */
function placeOf(error: Error): string | undefined {
  const place = placeInScript(error);
  return place === undefined ? undefined : `${path.basename(place.file)}, line ${place.line}`;
}

const asynchronous =
  /^[^/\n]*?\b(?:const|let|var)\s+(\w+)[^=\n]*=\s*((?:imageFolder|imageCsv|imageIdx|imageData|loadBase|loadModel|extractFeatures|logisticRegression|nearestCentroid|fit|applications\.\w+))\(/gm;

/**
 * A promise that was used as what it will be. TypeScript marks it; where nobody looked, the error that it ends in says something else.
 */
async function forgottenAwait(script: string): Promise<{ place: string; call: string; name: string } | undefined> {
  const text = await readFile(script, 'utf8').catch(() => '');
  for (const match of text.matchAll(asynchronous)) {
    const [, name = '', call = ''] = match;
    const later = new RegExp(`await\\s+${name}\\b|\\b${name}\\.(?:then|catch)\\b|Promise\\.\\w+\\(`);
    if (later.test(text)) continue;
    const line = text.slice(0, match.index).split('\n').length;
    return { place: `${path.basename(script)}, line ${line}`, call, name };
  }
  return undefined;
}

/** Node says of a JavaScript file what is wrong, and keeps the place to itself: the script is looked at, and what it imports. */
async function parse(script: string) {
  const text = await readFile(script, 'utf8');
  const imported = [...text.matchAll(/\bimport\b[^;]*?['"](\.[^'"]*\.[cm]?js)['"]/g)].map(([, name = '']) =>
    path.resolve(path.dirname(script), name),
  );
  for (const file of [script, ...imported]) {
    try {
      transform(await readFile(file, 'utf8'), { transforms: [], filePath: file });
    } catch (error) {
      const found = parserError(error);
      if (found !== undefined) return found;
    }
  }
  return undefined;
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
