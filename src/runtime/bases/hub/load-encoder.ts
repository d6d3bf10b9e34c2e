import path from 'node:path';

import { GraftError } from '../../../common/errors.js';
import { fileHash } from '../../../common/hash.js';
import { readTokenizerFolder } from '../../data/text/tokenizer-folder.js';
import { encoderConfig, type OnnxEncoderSettings } from '../../layers/index.js';
import { tf } from '../../tf.js';
import { registerBase } from '../base.js';
import { layer } from '../build/layers.js';
import { readEncoder } from './encoder-folder.js';

/**
 * A text encoder as a base: ids of tokens [batch, length] → one vector [batch, units], by ONNX Runtime. Its weights do not train.
 *
 * @param given as the user gave it.
 * @param options of loadBase: none is for texts.
 * @throws GraftError for a model that is no text encoder, and for a tokenizer that is missing, damaged or of another model.
 */
export async function loadEncoder(
  location: { readonly folder: string; readonly file: string },
  given: string,
  options: object,
): Promise<tf.LayersModel> {
  const [said] = Object.keys(options);
  if (said !== undefined)
    throw new GraftError(`${given} is an encoder of texts, for which loadBase has no ${said}.`, {
      action: 'Leave it out.',
    });
  const { folder, file, output, units, pooling, why, normalize, tokens } = await readEncoder(location);
  const tokenizer = await readTokenizerFolder(folder);
  if (tokens !== undefined && tokenizer.largest >= tokens)
    throw new GraftError(
      `${folder}: tokenizer.json is of another model: it has the id ${tokenizer.largest}, and the model knows ${tokens} tokens.`,
      { action: 'Copy both from where the model came from.' },
    );
  const hash = await fileHash(file);
  const ids = tf.input({ shape: [null], dtype: 'int32', name: 'ids' });
  const settings: OnnxEncoderSettings = { file: path.resolve(file), hash, units, output, pooling, normalize };
  const name = path.basename(path.resolve(folder));
  const model = tf.model({ inputs: ids, outputs: layer('OnnxEncoder', 'encoder', encoderConfig(settings), ids), name });
  return registerBase(model, { name, preprocessing: 'none', why, weights: file, hash, tokenizer });
}
