import path from 'node:path';

import { isObject, kinds, type Kind } from '../protocol/index.js';
import { readJsonFile } from '../common/read-file.js';

/** The kind of data that a saved model takes, as its graft.json says. What is wrong with that file is said by whoever opens the model. */
export async function kindOfModel(folder: string): Promise<Kind> {
  const info = await readJsonFile(path.join(folder, 'graft.json')).catch(() => undefined);
  const said = isObject(info) ? info['kind'] : undefined;
  return kinds.find((kind) => kind === said) ?? 'image';
}
