import path from 'node:path';

import { makeFolder, writeAtomic } from '../../common/files.js';
import { readJsonFile } from '../../common/read-file.js';
import { defaultCacheDir } from '../bases/download/download.js';
import type { Verdict } from '../engines/index.js';

/** Models that are remembered, those of the last checks. */
const most = 200;

/** Hashes of whole models whose numbers were found right on this machine, beside the weights of bases. */
const verdictsFile = () => path.join(path.dirname(defaultCacheDir()), 'checked.json');

/**
 * Whether a program was found right before, for whoever has no run, in whose cache it would lie.
 *
 * @param hashOf is called when somebody wants to know: the weights are read for it.
 */
export function keptVerdict(hashOf: () => string, file = verdictsFile()): Verdict {
  let hash: string | undefined;
  const read = async (): Promise<readonly unknown[]> => {
    const list = await readJsonFile(file).catch(() => undefined);
    return Array.isArray(list) ? (list as unknown[]) : [];
  };
  return {
    known: async () => (await read()).includes((hash ??= hashOf())),
    // Where it cannot be written, or two write at once, it is found out again.
    keep: async () => {
      try {
        const list = [(hash ??= hashOf()), ...(await read())].slice(0, most);
        await makeFolder(path.dirname(file));
        await writeAtomic(file, `${JSON.stringify(list)}\n`);
      } catch {
        // Nobody's work fails for that.
      }
    },
  };
}
