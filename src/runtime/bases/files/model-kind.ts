import path from 'node:path';

import { GraftError } from '../../../common/errors.js';
import { openRegularFile } from '../../../common/read-file.js';
import { aBaseFile } from './model-files.js';

type ModelKind = 'hdf5' | 'keras' | 'tfjs' | 'onnx' | 'tflite' | 'saved-model';

/** What a model file is, by its first bytes: names are given by people. Undefined for what is none of them. */
export async function modelKind(file: string): Promise<ModelKind | undefined> {
  const handle = await openRegularFile(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(64), 0, 64, 0);
    const start = buffer.toString('latin1', 0, bytesRead);
    if (start.startsWith('\x89HDF\r\n\x1a\n')) return 'hdf5';
    if (start.startsWith('PK')) return 'keras';
    if (/^(?:\xef\xbb\xbf)?\s*\{/.test(start)) return 'tfjs';
    if (start.startsWith('TFL3', 4)) return 'tflite';
    // SavedModel of TensorFlow: its version is 1, then its graphs follow.
    if (start.startsWith('\x08\x01\x12') && path.extname(file) === '.pb') return 'saved-model';
    // ModelProto begins with ir_version, a small number.
    if (/^\x08[\x01-\x20]/.test(start)) return 'onnx';
    return undefined;
  } finally {
    await handle.close();
  }
}

/** The error for a file that is no model. Its name may say what it was meant to be. */
export function notAModel(file: string): GraftError {
  return new GraftError(`${file} is not a model that can be read.`, {
    action: `Give ${aBaseFile}. If it was one, it is damaged: download or copy it again.`,
  });
}
