import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';

import { GraftError, nearest } from '../../common/errors.js';

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
    if (existsSync(path.join(script, 'graft.json')))
      throw new GraftError(`${script} is a saved model, not a script.`, {
        action: `To use it: graft predict ${script} PICTURES. To go on from it: graft new --technique fine-tune --base ${path.join(script, 'model.json')} --data FOLDER`,
      });
    if (existsSync(path.join(script, 'run.json')))
      throw new GraftError(`${script} is the folder of a run, not a script.`, {
        action: `See what it has reached with: graft report ${script}; go on with: graft resume ${script}`,
      });
    throw new GraftError(`${script} is a folder, not a script.`, {
      action: `Name a script in it; or write one for the pictures in it, with: graft new --technique fine-tune --data ${script}`,
    });
  }
  if (!scriptName.test(script)) throw notAScript(script);
}

/** What another kind of file is told. */
export function notAScript(script: string): GraftError {
  return new GraftError(`${script} is not a script: it is no TypeScript or JavaScript file.`, {
    action: 'Give a file that ends in .ts or .js, or write one with: graft new',
  });
}

export function nothingTrained(script: string): GraftError {
  return new GraftError(`${path.basename(script)} ran to its end and trained nothing: it calls nothing of graftjs.`, {
    action: 'Call fit(…) in it, or write a script with: graft new',
  });
}
