import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { transform } from 'sucrase';

import { NothingReceived } from '../../common/check-options.js';
import { EndOfScript, GraftError, messageOf, nearest, StoppedError } from '../../common/errors.js';
import { placeInScript } from '../run/place-in-script.js';
import { notAScript } from './script-file.js';

/**
 * Errors of the script's own text name the file and the line.
 *
 * @param library address of graftjs: a name that it does not export may be a slip of the pen.
 */
export async function describeScriptError(error: unknown, script: string, library: string): Promise<unknown> {
  if (!(error instanceof Error) || error instanceof StoppedError || error instanceof EndOfScript) return error;
  if (error instanceof GraftError)
    return error instanceof NothingReceived ? ((await forgottenAwait(script, error)) ?? error) : error;
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ERR_UNKNOWN_FILE_EXTENSION') return notAScript(script);
  if (code === 'ERR_MODULE_NOT_FOUND') return await missingModule(error, script);
  if (code !== undefined) return error;
  const place = placeOf(error);
  const at = place ?? path.basename(script);
  if (!(error instanceof SyntaxError)) {
    const wrong = await wrongName(error, library);
    if (wrong !== undefined) return new GraftError(`${at}: ${wrong.what}`, { action: wrong.action, cause: error });
    const forgotten = await forgottenAwait(script, error);
    if (forgotten !== undefined) return forgotten;
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
  /^[^/\n]*?\b(?:const|let|var)\s+(\w+|\{[^}\n]*\})[^=\n]*=\s*((?:imageFolder|imageCsv|imageIdx|imageData|loadBase|loadModel|extractFeatures|logisticRegression|nearestCentroid|fit|applications\.\w+))\(/gm;

/**
 * A promise that was used as what it will be. TypeScript marks it; where nobody looked, the error that it ends in says something else.
 */
async function forgottenAwait(script: string, cause: Error): Promise<GraftError | undefined> {
  const text = await readFile(script, 'utf8').catch(() => '');
  for (const match of text.matchAll(asynchronous)) {
    const [, name = '', call = ''] = match;
    const isName = !name.startsWith('{');
    const later = new RegExp(`await\\s+${name}\\b|\\b${name}\\.(?:then|catch)\\b|Promise\\.\\w+\\(`);
    if (isName && later.test(text)) continue;
    const line = lineAt(text, match.index);
    const so = isName ? `so ${name} is a promise` : `and a promise has no ${name.replace(/[{}]/g, '').trim()}`;
    return new GraftError(`${path.basename(script)}, line ${line}: ${call}(…) was not awaited, ${so}.`, {
      action: `Write: const ${name} = await ${call}(…)`,
      place: { file: path.resolve(script), line },
      cause,
    });
  }
  return undefined;
}

/** An import of what is not there: a slip in the name of a package or of a file. */
async function missingModule(error: Error, script: string): Promise<GraftError> {
  const found = /^Cannot find (package|module) '(.+?)' imported from (.+?)$/m.exec(error.message);
  if (found === null)
    return new GraftError(`${path.basename(script)}: ${error.message}`, {
      action: 'Correct the import, or install the package.',
      cause: error,
    });
  const [, kind, name = '', from = ''] = found;
  const file = from.startsWith('file:') ? fileURLToPath(from) : from;
  const text = await readFile(file, 'utf8').catch(() => '');
  const written = kind === 'package' ? name : path.basename(name).replace(/\.\w+$/, '');
  const index = [...text.matchAll(/\b(?:from|import)\s*\(?\s*['"]([^'"\n]*)['"]/g)].find(([, specifier = '']) =>
    kind === 'package' ? specifier.startsWith(written) : specifier.startsWith('.') && specifier.includes(written),
  )?.index;
  const line = index === undefined ? undefined : lineAt(text, index);
  const at = `${path.basename(file)}${line === undefined ? '' : `, line ${line}`}`;
  const options = { cause: error, ...(line === undefined ? {} : { place: { file, line } }) };
  if (kind === 'package') {
    const own = name.startsWith('@tensorflow/tfjs')
      ? "It comes with graftjs: import { tf } from 'graftjs'"
      : nearest(name, ['graftjs']) && "Did you mean 'graftjs'?";
    const action = own ?? 'Correct the import, or install the package.';
    return new GraftError(`${at}: there is no package "${name}" here.`, { action, ...options });
  }
  const folder = path.dirname(name);
  const guess = nearest(path.basename(name), await readdir(folder).catch(() => []));
  return new GraftError(`${at}: there is no ${name}.`, {
    action: guess === undefined ? 'Correct the import.' : `Did you mean ${path.join(folder, guess)}?`,
    ...options,
  });
}

const importOfOurs = /\bimport\s*(?:type\s*)?\{([^}]*)\}\s*from\s*['"]graftjs['"]/g;

/**
 * A name that there is not, and the one that was meant. An import that is never used is taken out with the types, so that a slip in it is
 * found only where the right name is used.
 */
async function wrongName(error: Error, library: string): Promise<{ what: string; action: string } | undefined> {
  const [, object, member] = /^(\w+)\.(\w+) is not a function/.exec(error.message) ?? [];
  if (object !== undefined && member !== undefined) {
    const members: unknown = ((await import(library)) as Record<string, unknown>)[object];
    const guess = nearest(member, Object.keys(members ?? {}));
    return guess === undefined
      ? undefined
      : { what: `there is no ${object}.${member}.`, action: `Did you mean ${object}.${guess}?` };
  }
  const name = /^([\w$]+) is not defined$/.exec(error.message)?.[1];
  const file = placeInScript(error)?.file;
  if (name === undefined || file === undefined) return undefined;
  const exported = await exportsOf(library);
  const text = await readFile(file, 'utf8').catch(() => '');
  const imported = [...text.matchAll(importOfOurs)].flatMap((match) =>
    [...(match[1] ?? '').matchAll(/[\w$]+/g)].map(([word], i, words) => ({
      word,
      line: lineAt(text, match.index + match[0].indexOf('{') + 1 + (words[i]?.index ?? 0)),
    })),
  );
  const slip = imported.find(({ word }) => !exported.includes(word) && nearest(name, [word]) !== undefined);
  if (exported.includes(name))
    return slip === undefined
      ? { what: `${name} is not imported.`, action: `Write: import { …, ${name} } from 'graftjs'` }
      : {
          what: `${name} is not imported: line ${slip.line} imports "${slip.word}", and graftjs has no such export.`,
          action: `Write ${name} there.`,
        };
  const guess = nearest(name, exported);
  return guess === undefined
    ? undefined
    : { what: `${name} is not defined.`, action: `Did you mean "${guess}", which graftjs exports?` };
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
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
