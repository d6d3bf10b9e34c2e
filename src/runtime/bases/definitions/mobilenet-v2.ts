import { network } from '../application.js';
import { correctPad, divisible } from '../build/sizes.js';
import type { WidthOptions } from '../definition.js';

const folder = 'https://storage.googleapis.com/tensorflow/keras-applications/mobilenet_v2';
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

/** [alpha, parameters, ImageNet top 1, fingerprint]: the first as Keras measured it, the others as the authors' table says. */
const widths = [
  [1, 2_257_984, 0.713, '50c5ebce020f'],
  [0.35, 410_208, 0.603, 'd2047328d0bc'],
  [0.5, 706_224, 0.654, '7c625d7be547'],
  [0.75, 1_382_064, 0.698, '0b36fb590fe5'],
  [1.3, 3_766_048, 0.744, '96479963e50f'],
  [1.4, 4_363_712, 0.75, '729dec3df393'],
] as const;

function facts([alpha, parameters, accuracy, fingerprint]: (typeof widths)[number]) {
  const files = (side: number) => {
    const file = (end: string) => ({
      url: `${folder}/mobilenet_v2_weights_tf_dim_ordering_tf_kernels_${alpha === 1 ? '1.0' : alpha}_${side}${end}.h5`,
      hash: undefined,
    });
    return { notop: file('_no_top'), top: file('') };
  };
  return {
    ...(alpha === 1 ? {} : { arguments: { alpha } }),
    ...{ name: alpha === 1 ? 'mobilenet-v2' : `mobilenet-v2-${alpha}`, call: 'mobileNetV2', family: 'MobileNetV2' },
    label: alpha === 1 ? 'MobileNetV2' : `MobileNetV2 (alpha ${alpha})`,
    size: [224, 224] as const,
    preprocessing: 'tf' as const,
    ...{ parameters, accuracy },
    licence: 'Apache-2.0',
    weights: {
      ...files(224),
      forSize: (height: number, width: number) =>
        files(height === width && [96, 128, 160, 192].includes(height) ? height : 224),
      fingerprint,
    },
    layers: 104,
    freezePoints: [
      ['block_2_add', 18],
      ['block_5_add', 36],
      ['block_9_add', 60],
      ['block_12_add', 78],
      ['block_15_add', 96],
      ['out_relu', 104],
    ] as const,
  };
}

/**
 * MobileNetV2 (Sandler et al. 2018) as `keras.applications.MobileNetV2`: same layer names, same outputs. Preprocessing: `tf`.
 * ImageNet, top 1: 71.3 % (https://keras.io/api/applications).
 */
export const mobileNetV2 = network<WidthOptions>(
  widths.map(facts),
  (
    { add, batchNormalization, convolution, depthwise, relu, top, unnamedPools, zeroPadding },
    input,
    { alpha, ...options },
  ) => {
    const normalized = (x: typeof input, name: string) => batchNormalization(x, name, normalization);
    const invertedResidual = (x: typeof input, id: number, expansion: number, filters: number, strides: number) => {
      const prefix = id === 0 ? 'expanded_conv_' : `block_${id}_`;
      const channels = Number(x.shape[3]);
      let y = x;
      if (id !== 0) {
        const wide = { filters: expansion * channels, kernel: 1, padding: 'same', useBias: false } as const;
        y = relu(normalized(convolution(y, `${prefix}expand`, wide), `${prefix}expand_BN`), `${prefix}expand_relu`, 6);
      }
      if (strides === 2) y = zeroPadding(y, `${prefix}pad`, correctPad(y, 3));
      y = depthwise(y, `${prefix}depthwise`, { strides, useBias: false, padding: strides === 1 ? 'same' : 'valid' });
      y = relu(normalized(y, `${prefix}depthwise_BN`), `${prefix}depthwise_relu`, 6);
      y = convolution(y, `${prefix}project`, { filters, kernel: 1, padding: 'same', useBias: false });
      y = normalized(y, `${prefix}project_BN`);
      return channels === filters && strides === 1 ? add([x, y], `${prefix}add`) : y;
    };

    const first = { filters: divisible(32 * alpha), kernel: 3, strides: 2, padding: 'same', useBias: false } as const;
    let x = relu(normalized(convolution(input, 'Conv1', first), 'bn_Conv1'), 'Conv1_relu', 6);
    let id = 0;
    for (const [expansion, filters, blocks, stride] of stages) {
      for (let i = 0; i < blocks; i++)
        x = invertedResidual(x, id++, expansion, divisible(Math.floor(filters * alpha)), i === 0 ? stride : 1);
    }
    x = convolution(x, 'Conv_1', { filters: alpha > 1 ? divisible(1280 * alpha) : 1280, kernel: 1, useBias: false });
    return top(relu(normalized(x, 'Conv_1_bn'), 'out_relu', 6), options, unnamedPools);
  },
);
