import path from 'node:path';

import { GraftError, present } from '../../common/errors.js';
import { inferenceContext, lower, UnsupportedLayer } from '../graph/from-layers.js';
import { GraphBuilder, type Value } from '../graph/ir.js';
import { programOf } from '../graph/program.js';
import { encodeModel } from '../graph/protobuf.js';
import { openSession } from '../engines/session.js';
import { taskOf } from '../tasks/index.js';
import { compareExport } from './check.js';
import { exportKindOf } from './kinds.js';
import { metadataTexts } from './metadata.js';
import { placeFiles, type PlaceOptions } from './place-files.js';
import type { TrainedModel } from './types.js';

/**
 * The whole model as ONNX: what its kind of data gives (`pixels`, of any size) → `probabilities` [N, classes], or what else the task's output
 * is called. Preprocessing is inside, and all that is known of the model is in the metadata, as JSON where it is no text.
 *
 * @throws UnsupportedLayer for a layer that ONNX lacks.
 */
export function onnxModel(trained: TrainedModel): Uint8Array {
  const builder = new GraphBuilder();
  const inputs = exportKindOf(trained).onnxInputs(builder, trained);
  const [output] = lower(programOf(trained.model), inputs, inferenceContext(builder));
  const outputs = bothClasses(builder, present(output, 'An output'), trained);
  return encodeModel(builder.build({ [taskOf(trained).outputName]: outputs }, metadataTexts(trained)));
}

/** One output stands for two classes: it is the probability of the second. */
function bothClasses(builder: GraphBuilder, output: Value, { classes }: TrainedModel): Value {
  if (output.shape[1] !== 1 || classes.length !== 2) return output;
  const first = builder.op('Sub', [builder.scalar(1), output], {}, output.shape);
  return builder.op('Concat', [first, output], { axis: 1 }, ['N', 2]);
}

/**
 * Writes a model as ONNX, with an example in Python and one in JavaScript beside it, and checks the file: loaded again, it must give the
 * model's own outputs for a few examples.
 *
 * @throws GraftError when something is there already, a layer cannot be exported or the check fails; nothing is left behind then.
 */
export async function exportOnnx(
  trained: TrainedModel,
  file: string,
  options: PlaceOptions = {},
): Promise<{ difference: number }> {
  const name = path.basename(file);
  const beside = (ending: string) => path.join(path.dirname(file), `${name.replace(/\.onnx$/i, '')}${ending}`);
  try {
    const files = new Map<string, string | Uint8Array>([
      [file, onnxModel(trained)],
      ...Object.entries(await exportKindOf(trained).onnxFiles(trained, name)).map(
        ([ending, content]) => [beside(ending), content] as const,
      ),
    ]);
    const difference = await placeFiles(files, options, (at) => check(at(file), trained, file));
    return { difference };
  } catch (error) {
    if (error instanceof UnsupportedLayer) {
      throw new GraftError(`The model cannot be exported to ONNX: ${error.message}.`, {
        action: 'Export it with --to tfjs.',
        cause: error,
      });
    }
    throw error;
  }
}

async function check(written: string, trained: TrainedModel, file: string): Promise<number> {
  const session = await openSession(written);
  try {
    return await compareExport(trained, file, async ({ given }) => {
      const outputs = await session.run(given);
      return outputs[taskOf(trained).outputName]?.data as Float32Array;
    });
  } finally {
    await session.release();
  }
}
