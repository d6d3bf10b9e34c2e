import os from 'node:os';

import { GraftError, messageOf, present } from '../../common/errors.js';
import { outputName, UnsupportedLayer } from '../graph/from-layers.js';
import { NoGradient } from '../graph/gradients/rule.js';
import { forwardGraph, UnknownSize, type Graph } from '../graph/index.js';
import type { FloatTensor, Tensor } from '../../common/tensor.js';
import { largestBatch, trainingBytes } from './memory.js';
import { OnnxRuntimeTrainer } from './onnxruntime-trainer.js';
import { openSession } from './session.js';
import { trainingGraph } from './training-graph.js';
import type { Engine, Refusal, Runner } from './types.js';

/** Programs written as ONNX graphs, for ONNX Runtime's native kernels; it folds BatchNormalization into convolutions and picks blocked layouts. */
export function onnxRuntimeEngine(): Engine {
  return {
    name: 'onnxruntime',
    reason: `CPU, ${os.availableParallelism()} threads`,
    compile: (program, inputs) =>
      orRefusal(() => {
        const graph = forwardGraph(program, inputs);
        return { open: () => openRunner(graph) };
      }),
    compileTraining: (suffix, options) =>
      orRefusal(() => {
        const training = trainingGraph(suffix, options.loss, options.inference);
        return {
          memory: {
            bytes: trainingBytes(training, options),
            largestBatch: (limit) => largestBatch(training, options, limit),
          },
          open: () => OnnxRuntimeTrainer.open(training, suffix, options),
        };
      }),
  };
}

function orRefusal<Ready>(compile: () => Ready): Ready | Refusal {
  try {
    return compile();
  } catch (error) {
    const known = [UnsupportedLayer, NoGradient, UnknownSize];
    if (known.some((kind) => error instanceof kind)) return { refusal: messageOf(error) };
    throw error;
  }
}

/** @throws GraftError where ONNX Runtime does not take it. */
export async function openRunner(graph: Graph): Promise<Runner> {
  const session = await openSession(graph).catch((error: unknown) => {
    throw new GraftError(`ONNX Runtime refused the model: ${messageOf(error)}`, {
      action: 'Please report this, with the base model.',
      cause: error,
    });
  });
  return {
    async run(inputs) {
      const outputs = await session.run(inputs);
      return graph.outputs.map((_, i) => floatTensor(outputs[outputName(i)]));
    },
    dispose: () => session.release(),
  };
}

function floatTensor(tensor: Tensor | undefined): FloatTensor {
  const { data, shape } = present(tensor, 'An output');
  return { data: data as Float32Array, shape };
}
