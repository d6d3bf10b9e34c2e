/**
 * TensorFlow.js, from one place: the same instance everywhere, and the one that scripts get as `tf`. It runs on
 * WebAssembly from the start, so that a script may make tensors at once.
 */
import { createRequire } from 'node:module';
import path from 'node:path';

import * as tf from '@tensorflow/tfjs';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';

import { GraftError } from '../common/errors.js';
import { correctKernels } from './tf-kernels.js';

// The files are found wherever npm, or the extension's package, has put them; nothing is fetched.
const file = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm');
setWasmPaths(`${path.dirname(file)}${path.sep}`);
if (!(await tf.setBackend('wasm'))) {
  throw new GraftError('TensorFlow.js cannot start: WebAssembly gets no memory here', {
    action: 'It reserves 10 GB of addresses, though it uses few of them: raise the limit on address space (ulimit -v).',
  });
}
correctKernels();

export { tf };
