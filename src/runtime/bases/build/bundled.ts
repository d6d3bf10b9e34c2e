import path from 'node:path';

import { checkOptions } from '../../../common/check-options.js';
import { packageFolder } from '../../../common/package-folder.js';
import { readTokenizerFolder } from '../../data/text/tokenizer-folder.js';
import { openedRun } from '../../run/current.js';
import type { tf } from '../../tf.js';
import { registerBase } from '../base.js';
import type { BundledOptions, ImageFacts, NoOptions, TextFacts } from '../definition.js';
import { readTfjsModel } from '../files/tfjs-file.js';
import { inputShapeRule } from './input-shape.js';

const folderOf = (name: string) => path.join(packageFolder(), 'models', name);

/** Reads a base of pictures that comes with Graft, and remembers what it is. */
export async function readBundled(
  facts: Pick<ImageFacts, 'name' | 'call' | 'label' | 'size' | 'preprocessing' | 'licence'>,
  options: BundledOptions,
): Promise<tf.LayersModel> {
  const { name, call, label, size, preprocessing, licence } = facts;
  checkOptions(`applications.${call}`, options, { inputShape: inputShapeRule });
  const run = await openedRun();
  const [height, width] = options.inputShape ?? size;
  const inputShape =
    run?.override('size') ?? (options.inputShape === undefined ? undefined : ([height, width] as const));
  const { model, hash } = await readTfjsModel(path.join(folderOf(name), 'model.json'), { inputShape });
  return registerBase(model, {
    name: label,
    preprocessing,
    why: 'It was trained so.',
    weights: 'bundled',
    hash,
    licence,
  });
}

/** Reads a base of texts that comes with Graft, and remembers what it is. */
export async function readBundledText(
  { name, call, label, licence }: Pick<TextFacts, 'name' | 'call' | 'label' | 'licence'>,
  options: NoOptions,
): Promise<tf.LayersModel> {
  checkOptions(`applications.${call}`, options, {});
  const tokenizer = await readTokenizerFolder(folderOf(name));
  const { model, hash } = await readTfjsModel(path.join(folderOf(name), 'model.json'));
  return registerBase(model, { name: label, preprocessing: 'none', weights: 'bundled', hash, licence, tokenizer });
}
