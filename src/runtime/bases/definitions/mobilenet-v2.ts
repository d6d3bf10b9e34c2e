import { tf } from '../../tf.js';
import { type ApplicationOptions, buildApplication } from '../build/application.js';
import { add, batchNormalization, convolution, relu, top, zeroPadding } from '../build/blocks.js';

const normalization = { epsilon: 1e-3, momentum: 0.999 };

/** Expansion, filters, blocks, stride of the first block (Sandler et al. 2018, table 2). */
const stages = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
] as const;

/**
 * MobileNetV2 (Sandler et al. 2018) as `keras.applications.MobileNetV2`: same layer names, same outputs. Preprocessing: `tf`.
 *
 * @param options `alpha` scales the filters, default 1; the others as for ResNet50.
 * @throws GraftError when the weights cannot be had or do not fit.
 */
export async function mobileNetV2(options: ApplicationOptions & { alpha?: number } = {}): Promise<tf.LayersModel> {
  const { alpha = 1 } = options;
  return await buildApplication('mobilenet-v2', options, (input, complete) => {
    let x = convolution(input, 'Conv1', {
      filters: divisible(32 * alpha),
      kernel: 3,
      strides: 2,
      padding: 'same',
      useBias: false,
    });
    x = relu(batchNormalization(x, 'bn_Conv1', normalization), 'Conv1_relu', 6);
    let id = 0;
    for (const [expansion, filters, blocks, stride] of stages) {
      for (let i = 0; i < blocks; i++)
        x = invertedResidual(x, id++, expansion, divisible(filters * alpha), i === 0 ? stride : 1);
    }
    x = convolution(x, 'Conv_1', { filters: alpha > 1 ? divisible(1280 * alpha) : 1280, kernel: 1, useBias: false });
    return top(relu(batchNormalization(x, 'Conv_1_bn', normalization), 'out_relu', 6), complete);
  });
}

function invertedResidual(
  x: tf.SymbolicTensor,
  id: number,
  expansion: number,
  filters: number,
  strides: number,
): tf.SymbolicTensor {
  const prefix = id === 0 ? 'expanded_conv_' : `block_${id}_`;
  const channels = Number(x.shape[3]);
  let y = x;
  if (id !== 0) {
    y = convolution(y, `${prefix}expand`, {
      filters: expansion * channels,
      kernel: 1,
      padding: 'same',
      useBias: false,
    });
    y = relu(batchNormalization(y, `${prefix}expand_BN`, normalization), `${prefix}expand_relu`, 6);
  }
  if (strides === 2) y = zeroPadding(y, `${prefix}pad`, correctPad(y));
  y = tf.layers
    .depthwiseConv2d({
      kernelSize: 3,
      strides,
      useBias: false,
      padding: strides === 1 ? 'same' : 'valid',
      name: `${prefix}depthwise`,
    })
    .apply(y) as tf.SymbolicTensor;
  y = relu(batchNormalization(y, `${prefix}depthwise_BN`, normalization), `${prefix}depthwise_relu`, 6);
  y = convolution(y, `${prefix}project`, { filters, kernel: 1, padding: 'same', useBias: false });
  y = batchNormalization(y, `${prefix}project_BN`, normalization);
  return channels === filters && strides === 1 ? add([x, y], `${prefix}add`) : y;
}

/** Keras's `correct_pad`: so that a strided 3 × 3 sees even sizes as PyTorch does. */
function correctPad({ shape }: tf.SymbolicTensor): [[number, number], [number, number]] {
  const along = (size: number | null | undefined): [number, number] => [1 - (1 - (Number(size) % 2)), 1];
  return [along(shape[1]), along(shape[2])];
}

/** The nearest multiple of 8, never more than 10 % smaller. */
function divisible(value: number): number {
  const rounded = Math.max(8, Math.floor((value + 4) / 8) * 8);
  return rounded < 0.9 * value ? rounded + 8 : rounded;
}
