import { resize } from '../../../templates/image/export/resize.js';
import { preprocessingText } from '../../protocol/index.js';
import { uniform } from '../../common/random.js';
import { dataKinds } from '../data/index.js';
import { channelsOf, channelTransform } from '../data/preprocessing.js';
import { inputsOf } from '../graph/inputs.js';
import { resizeNodes } from '../graph/resize.js';
import { taskOf } from '../tasks/index.js';
import { tf } from '../tf.js';
import { exampleText } from './examples.js';
import type { CheckExample, ExportKind, PlainInput } from './export-kind.js';
import type { TrainedModel } from './types.js';

/**
 * Pictures. An ONNX file resizes by itself: `pixels`, [N, H, W, 3], uint8, RGB. TensorFlow.js is given them in the model's size, 0 … 255,
 * RGB, [n, height, width, 3], or where the model takes grey ones their luminance, [n, height, width, 1]; beside it is `resize.js`, which
 * resizes as Graft does. Preprocessing is inside: as nodes, or as a 1×1 convolution.
 */
export const imageExport: ExportKind = {
  metadata({ model, size, resize: mode, preprocessing }) {
    const channels = channelsOf(model);
    return {
      /** [height, width] */
      size,
      /** What happens to another aspect ratio. */
      resize: mode,
      resizeFilter:
        'block means, then lanczos3, where smaller; catmull-rom where larger; in the 8-bit steps of libvips',
      background: [255, 255, 255],
      order: `upright, on the background, RGB, resize, ${channels === 1 ? 'luminance, ' : ''}preprocessing, model`,
      /** y[c] = x[order[c]] · scale[c] + offset[c], with x in 0 … 255, RGB or grey. */
      preprocessing: { name: preprocessingText(preprocessing), ...channelTransform(preprocessing, channels) },
    };
  },
  checkExamples,
  onnxInputs(builder, trained) {
    const { model, size, preprocessing } = trained;
    const pixels = resizeNodes(builder, builder.input('pixels', ['N', 'H', 'W', 3], 'uint8'), size, trained.resize);
    return inputsOf(dataKinds.image, trained, preprocessing, model).map(({ nodes }) => nodes(builder, pixels));
  },
  async onnxFiles(trained, name) {
    const task = taskOf(trained).name;
    return {
      '.example.py': await exampleText('image', 'example.py', task, { '"model.onnx"': name }),
      '.example.mjs': await exampleText('image', 'example.mjs', task, {
        "'model.onnx'": name,
        "['classes']": trained.classes,
        ...(trained.thresholds === undefined ? {} : { "['thresholds']": trained.thresholds }),
      }),
    };
  },
  plainInput,
  async plainFiles(trained) {
    const task = taskOf(trained).name;
    return {
      'resize.js': await exampleText('image', 'resize.js', task),
      'example.html': await exampleText('image', 'example.html', task),
    };
  },
};

/** Pictures of the model's size and of odd ones: noise and smooth ramps. */
function checkExamples({ size: wanted, resize: mode }: TrainedModel): CheckExample[] {
  const [height, width] = wanted;
  const random = uniform(20261124);
  const sizes = [
    [height, width],
    [height, width],
    [2 * height + 3, Math.ceil(1.3 * width)],
    [Math.ceil(0.7 * height), 5 * width + 1],
    [Math.ceil(height / 3), Math.ceil(width / 2)],
  ] as const;
  return sizes.map((size, picture) => {
    const pixels = Uint8Array.from({ length: size[0] * size[1] * 3 }, (_, i) =>
      picture % 2 === 0 ? random() * 256 : (i / (3 * (picture + 2)) + 40 * (i % 3)) % 256,
    );
    return {
      given: { pixels: { data: pixels, shape: [1, ...size, 3] } },
      tensors: { pixels: { data: resize(pixels, size, wanted, mode), shape: [1, ...wanted, 3] } },
    };
  });
}

function plainInput({ model, size, preprocessing }: TrainedModel): PlainInput {
  const channels = channelsOf(model);
  const input = tf.input({ shape: [...size, channels], name: 'pixels' });
  const scaling = tf.layers.conv2d({ filters: channels, kernelSize: 1, name: 'preprocessing', trainable: false });
  const output = scaling.apply(input) as tf.SymbolicTensor;
  const { order, scale, offset } = channelTransform(preprocessing, channels);
  tf.tidy(() => {
    const kernel = tf.buffer([1, 1, channels, channels]);
    order.forEach((from, to) => {
      kernel.set(scale[to] ?? 1, 0, 0, from, to);
    });
    scaling.setWeights([kernel.toTensor(), tf.tensor1d([...offset])]);
  });
  return { input, output, layers: [scaling] };
}
