import { constants } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import path from 'node:path';

import { isPlainObject } from '../../../common/check-options.js';
import { readOnnx } from '../../graph/onnx-file.js';
import { fromHex, hexOf } from '../../layers/encoder.js';

/** What the file of an encoder is called beside the model that stands on it. */
const encoderName = 'encoder.onnx';

/**
 * Copies the encoder that a model stands on into the folder that the model is saved in: it is found there wherever the folder goes.
 *
 * @param topology the text of a model.json.
 * @returns the text that names the copy.
 */
export async function carryEncoder(topology: string, folder: string): Promise<string> {
  const whole = JSON.parse(topology) as unknown;
  const encoders = encodersIn(whole);
  for (const encoder of encoders) {
    const file = fromHex(String(encoder['file']));
    const { external } = await readOnnx(file);
    const names = [path.basename(file), ...external];
    for (const [i, name] of names.entries()) {
      const target = path.join(folder, i === 0 ? encoderName : name);
      await copyFile(path.join(path.dirname(file), name), target, constants.COPYFILE_FICLONE);
    }
    encoder['file'] = hexOf(encoderName);
  }
  return encoders.length === 0 ? topology : JSON.stringify(whole);
}

/** Names the file beside the model by its whole path, in what a model.json holds. */
export function locateEncoder(topology: object, folder: string): void {
  for (const encoder of encodersIn(topology))
    if (encoder['file'] === hexOf(encoderName)) encoder['file'] = hexOf(path.resolve(folder, encoderName));
}

/** The settings of the encoders in a topology: of one of ours, which has them among its own layers, or those of a model within it. */
function encodersIn(value: unknown): Record<string, unknown>[] {
  if (Array.isArray(value)) return (value as unknown[]).flatMap(encodersIn);
  if (!isPlainObject(value)) return [];
  const { class_name: name, config } = value;
  if (name === 'OnnxEncoder' && isPlainObject(config)) return [config as Record<string, unknown>];
  return ['modelTopology', 'model_config', 'config', 'layers'].flatMap((part) => encodersIn(value[part]));
}
