import type { EngineName } from '../../protocol/index.js';
import { GraftError } from '../errors.js';
import { onnxRuntimeEngine } from './onnxruntime.js';
import type { Engine } from './types.js';
import { wasmEngine } from './wasm.js';

export type { Batch, Engine, FloatTensor, Trainer, TrainerOptions } from './types.js';

/** The engine of that name, or with `auto` the best one for this machine. @throws GraftError for one that is not there. */
export function chooseEngine(name: EngineName | 'auto'): Promise<Engine> {
  if (name === 'auto' || name === 'onnxruntime') return Promise.resolve(onnxRuntimeEngine());
  if (name === 'wasm') return Promise.resolve(wasmEngine());
  return Promise.reject(
    new GraftError(`The engine ${name} is not available.`, { action: 'Use --engine auto, onnxruntime or wasm.' }),
  );
}
