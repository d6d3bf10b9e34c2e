import { compile } from '../engines/index.js';
import { present } from '../../common/errors.js';
import { channelsOf, pixelInput, programOf } from '../graph/index.js';
import { taskOf } from '../tasks/index.js';
import type { TrainedModel } from './types.js';

/** Computes a trained model for pictures. */
export interface Predictor {
  /** @param pixels [n, height, width, 3], RGB, 8 bit. Returns [n, classes]. */
  predict(pixels: Uint8Array, n: number): Promise<Float32Array>;
  dispose(): Promise<void>;
}

export async function predictorOf(trained: TrainedModel): Promise<Predictor> {
  const { model, preprocessing, size } = trained;
  const runner = await compile(programOf(model), [
    pixelInput({ preprocessing, size, channels: channelsOf(model) }),
  ]).open();
  return {
    async predict(pixels, n) {
      const [output] = await runner.run({ pixels: { data: pixels, shape: [n, ...size, 3] } });
      return taskOf(trained).outputsOf(present(output, 'The output'));
    },
    dispose: () => runner.dispose(),
  };
}
