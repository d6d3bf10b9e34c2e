import { compile } from '../engines/index.js';
import { present } from '../../common/errors.js';
import { classProbabilities } from '../evaluate/metrics.js';
import { pixelInput, programOf } from '../graph/index.js';
import type { TrainedModel } from './types.js';

/** Computes a trained model for pictures. */
export interface Predictor {
  /** @param pixels [n, height, width, 3], RGB, 8 bit. Returns [n, classes]. */
  predict(pixels: Uint8Array, n: number): Promise<Float32Array>;
  dispose(): Promise<void>;
}

export async function predictorOf({ model, preprocessing, size }: TrainedModel): Promise<Predictor> {
  const runner = await compile(programOf(model), [pixelInput({ preprocessing, size })]).open();
  return {
    async predict(pixels, n) {
      const [output] = await runner.run({ pixels: { data: pixels, shape: [n, ...size, 3] } });
      return classProbabilities(present(output, 'The output'));
    },
    dispose: () => runner.dispose(),
  };
}
