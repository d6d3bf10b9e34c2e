import { existsSync } from 'node:fs';
import path from 'node:path';

import { readRegularFile } from '../../../common/read-file.js';
import { hubTokenizer, type HubTokenizer } from './hub-tokenizer.js';

/** The largest tokenizers have 250,000 tokens in 20 MB. */
const maxBytes = 64e6;

/** The files of a hub that decide which ids a text has, and how many. */
const names = ['tokenizer.json', 'tokenizer_config.json', 'sentence_bert_config.json', 'config.json'];

/**
 * The tokenizer in a folder as a hub has it.
 *
 * @throws GraftError when there is none, or when it is damaged, too large, or of a kind that is not known.
 */
export async function readTokenizerFolder(folder: string): Promise<HubTokenizer> {
  const files: Record<string, Uint8Array> = {};
  for (const name of names) {
    const file = path.join(folder, name);
    if (existsSync(file)) files[name] = await readRegularFile(file, maxBytes);
  }
  return hubTokenizer(files, folder);
}
