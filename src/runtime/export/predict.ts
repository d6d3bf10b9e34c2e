import { checkedRunnerOf, programHash, type Engine } from '../engines/index.js';
import { present } from '../../common/errors.js';
import { batchesOfOneSize, type NamedTensors } from '../../common/tensor.js';
import { kindOf } from '../data/index.js';
import { inputsOf, programOf } from '../graph/index.js';
import { taskOf } from '../tasks/index.js';
import type { TrainedModel } from './types.js';
import { keptVerdict } from './verdicts.js';

/** Computes a trained model for examples. */
export interface Predictor {
  /** @param examples as the model's kind of data reads them. Returns [n, classes]. */
  predict(examples: readonly NamedTensors[]): Promise<Float32Array>;
  dispose(): Promise<void>;
}

/**
 * Compiled at the first examples, whose numbers are compared with TensorFlow.js's where this model's have not been on this machine.
 *
 * @param compile and the file of what was found right: those of the machine, but in tests.
 */
export function predictorOf(trained: TrainedModel, compile?: Engine['compile'], verdicts?: string): Predictor {
  const { model, preprocessing, classes } = trained;
  const program = programOf(model);
  const inputs = inputsOf(kindOf(trained), trained, preprocessing, model);
  const verdict = keptVerdict(() => programHash(program, inputs), verdicts);
  const runner = checkedRunnerOf(program, inputs, verdict, compile);
  return {
    async predict(examples) {
      const outputs = new Float32Array(examples.length * classes.length);
      for (const { indices, tensors } of batchesOfOneSize(examples)) {
        const [output] = await runner.run(tensors);
        const rows = taskOf(trained).outputsOf(present(output, 'The output'));
        const width = rows.length / indices.length;
        indices.forEach((index, i) => {
          outputs.set(rows.subarray(i * width, (i + 1) * width), index * width);
        });
      }
      return outputs;
    },
    dispose: () => runner.dispose(),
  };
}
