import * as ort from 'onnxruntime-node';

import { UnsupportedLayer } from '../graph/index.js';
import { createSession } from '../graph/session.js';
import { tfProbabilities } from './check.js';
import { onnxModel } from './onnx.js';
import type { TrainedModel } from './types.js';

/** Computes a trained model for pictures. */
export interface Predictor {
  /** @param pixels [n, height, width, 3], RGB, 0 … 255. Returns [n, classes]. */
  predict(pixels: Uint8Array | Float32Array, n: number): Promise<Float32Array>;
  dispose(): Promise<void>;
}

/** On ONNX Runtime; on TensorFlow.js for a model with a layer that has no ONNX counterpart. */
export async function predictorOf(trained: TrainedModel): Promise<Predictor> {
  let session: ort.InferenceSession;
  try {
    session = await createSession(onnxModel(trained, 'resized'));
  } catch (error) {
    if (!(error instanceof UnsupportedLayer)) throw error;
    return { predict: (pixels, n) => tfProbabilities(trained, pixels, n), dispose: () => Promise.resolve() };
  }
  return {
    async predict(pixels, n) {
      const floats = pixels instanceof Float32Array ? pixels : Float32Array.from(pixels);
      const outputs = await session.run({ pixels: new ort.Tensor('float32', floats, [n, ...trained.size, 3]) });
      return outputs['probabilities']?.data as Float32Array;
    },
    dispose: () => session.release(),
  };
}
