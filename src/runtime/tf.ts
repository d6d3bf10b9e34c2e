/**
 * TensorFlow.js, from one place: the same instance everywhere, and the one that scripts get as `tf`. It runs on
 * WebAssembly from the start, so that a script may make tensors at once.
 */
import { createRequire } from 'node:module';
import path from 'node:path';

import * as tf from '@tensorflow/tfjs';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';

// The files are found wherever npm, or the extension's package, has put them; nothing is fetched.
const file = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm');
setWasmPaths(`${path.dirname(file)}${path.sep}`);
await tf.setBackend('wasm');

export { tf };
