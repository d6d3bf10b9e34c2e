import path from 'node:path';

import { resize } from '../../../templates/export/resize.js';
import { GraftError, present } from '../../common/errors.js';
import { inferenceContext, lower, UnsupportedLayer } from '../graph/from-layers.js';
import { GraphBuilder, type Value } from '../graph/ir.js';
import { dataKinds } from '../data/index.js';
import { inputsOf } from '../graph/inputs.js';
import { programOf } from '../graph/program.js';
import { encodeModel } from '../graph/protobuf.js';
import { resizeNodes } from '../graph/resize.js';
import { openSession } from '../engines/session.js';
import { taskOf } from '../tasks/index.js';
import { checkPictures, compareExport, tfOutputs, type CheckPicture } from './check.js';
import { exampleText } from './examples.js';
import { metadataTexts } from './metadata.js';
import { placeFiles, type PlaceOptions } from './place-files.js';
import type { TrainedModel } from './types.js';

/**
 * The whole model as ONNX: `pixels` → `probabilities` [N, classes], or what else the task's output is called. Preprocessing is inside, and all that is known of the model is in the
 * metadata, as JSON where it is no text.
 *
 * @param pixels `decoded`: [N, H, W, 3], uint8, RGB, of any size, and resizing is inside too; `resized`: [N, height, width, 3], float32, RGB.
 * @throws UnsupportedLayer for a layer that ONNX lacks.
 */
export function onnxModel(trained: TrainedModel, pixels: 'decoded' | 'resized'): Uint8Array {
  const { model, size, preprocessing } = trained;
  const builder = new GraphBuilder();
  const resized =
    pixels === 'resized'
      ? builder.input('pixels', ['N', ...size, 3])
      : resizeNodes(builder, builder.input('pixels', ['N', 'H', 'W', 3], 'uint8'), size, trained.resize);
  const [output] = lower(
    programOf(model),
    inputsOf(dataKinds.image, trained, preprocessing, model).map(({ nodes }) => nodes(builder, resized)),
    inferenceContext(builder),
  );
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
 * model's own outputs for decoded pictures of several sizes.
 *
 * @throws GraftError when something is there already, a layer cannot be exported or the check fails; nothing is left behind then.
 */
export async function exportOnnx(
  trained: TrainedModel,
  file: string,
  options: PlaceOptions = {},
): Promise<{ difference: number }> {
  const name = path.basename(file);
  const task = taskOf(trained).name;
  const beside = (ending: string) => path.join(path.dirname(file), `${name.replace(/\.onnx$/i, '')}.example${ending}`);
  try {
    const files = new Map<string, string | Uint8Array>([
      [file, onnxModel(trained, 'decoded')],
      [beside('.py'), await exampleText('example.py', task, { '"model.onnx"': name })],
      [
        beside('.mjs'),
        await exampleText('example.mjs', task, {
          "'model.onnx'": name,
          "['classes']": trained.classes,
          ...(trained.thresholds === undefined ? {} : { "['thresholds']": trained.thresholds }),
        }),
      ],
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
    const exported = async ({ pixels, size }: CheckPicture) => {
      const outputs = await session.run({ pixels: { data: pixels, shape: [1, ...size, 3] } });
      return outputs[taskOf(trained).outputName]?.data as Float32Array;
    };
    const model = ({ pixels, size }: CheckPicture) =>
      tfOutputs(trained, resize(pixels, size, trained.size, trained.resize), 1);
    return await compareExport(trained, file, checkPictures(trained), exported, model);
  } finally {
    await session.release();
  }
}
