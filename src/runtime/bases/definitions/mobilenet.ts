import { network } from '../application.js';
import type { WidthOptions } from '../definition.js';

const folder = 'https://storage.googleapis.com/tensorflow/keras-applications/mobilenet';

/** [alpha, as the files are named, parameters, ImageNet top 1, fingerprint]: the first as Keras measured it, the others as the authors. */
const widths = [
  [1, '1_0', 3_228_864, 0.704, '2b2db6f33be8'],
  [0.25, '2_5', 218_544, 0.506, 'd211354fc36b'],
  [0.5, '5_0', 829_536, 0.637, '81b83799947b'],
  [0.75, '7_5', 1_832_976, 0.684, '08d235f2d173'],
] as const;

/** Filters and strides of the thirteen blocks (Howard et al. 2017, table 1). */
const blocks = [
  [64, 1],
  [128, 2],
  [128, 1],
  [256, 2],
  [256, 1],
  [512, 2],
  ...Array.from({ length: 5 }, () => [512, 1] as const),
  [1024, 2],
  [1024, 1],
] as const;

function facts([alpha, written, parameters, accuracy, fingerprint]: (typeof widths)[number]) {
  const files = (side: number) => ({
    notop: { url: `${folder}/mobilenet_${written}_${side}_tf_no_top.h5`, hash: undefined },
    top: { url: `${folder}/mobilenet_${written}_${side}_tf.h5`, hash: undefined },
  });
  return {
    ...(alpha === 1 ? {} : { arguments: { alpha } }),
    ...{ name: alpha === 1 ? 'mobilenet' : `mobilenet-${alpha}`, call: 'mobileNet', family: 'MobileNet' },
    label: alpha === 1 ? 'MobileNet' : `MobileNet (alpha ${alpha})`,
    size: [224, 224] as const,
    preprocessing: 'tf' as const,
    ...{ parameters, accuracy },
    licence: 'Apache-2.0',
    weights: {
      ...files(224),
      forSize: (height: number, width: number) =>
        files(height === width && [128, 160, 192].includes(height) ? height : 224),
      fingerprint,
      classifier: ['conv_preds'],
    },
    layers: 54,
    freezePoints: [1, 3, 5, 9, 11, 13].map((block) => [`conv_pw_${block}_relu`, 2 + 4 * block] as const),
  };
}

/**
 * MobileNet (Howard et al. 2017) as `keras.applications.MobileNet`: same layer names, same outputs. Preprocessing: `tf`.
 * ImageNet, top 1: 70.4 % (https://keras.io/api/applications).
 */
export const mobileNet = network<WidthOptions>(
  widths.map(facts),
  (
    { activation, batchNormalization, convolution, depthwise, dropout, layer, pooled, relu, unnamedPools, zeroPadding },
    input,
    { alpha, includeTop, pooling, classes },
  ) => {
    const normalized = (x: typeof input, name: string) => relu(batchNormalization(x, `${name}_bn`), `${name}_relu`, 6);
    const pointwise = { kernel: 1, padding: 'same', useBias: false } as const;
    const first = { filters: Math.floor(32 * alpha), kernel: 3, strides: 2, padding: 'same', useBias: false } as const;
    let x = normalized(convolution(input, 'conv1', first), 'conv1');
    blocks.forEach(([filters, strides], i) => {
      const id = i + 1;
      if (strides === 2)
        x = zeroPadding(x, `conv_pad_${id}`, [
          [0, 1],
          [0, 1],
        ]);
      x = depthwise(x, `conv_dw_${id}`, { strides, padding: strides === 1 ? 'same' : 'valid', useBias: false });
      x = normalized(x, `conv_dw_${id}`);
      x = convolution(x, `conv_pw_${id}`, { filters: Math.floor(filters * alpha), ...pointwise });
      x = normalized(x, `conv_pw_${id}`);
    });
    if (!includeTop) return pooled(x, pooling, unnamedPools);
    x = layer('Reduce', unnamedPools.avg, { operator: 'mean', axes: [1, 2], keepdims: true }, x);
    x = convolution(dropout(x, 'dropout', 1e-3), 'conv_preds', { filters: classes, kernel: 1, padding: 'same' });
    return activation(layer('Reshape', 'reshape_2', { targetShape: [classes] }, x), 'predictions', 'softmax');
  },
);
