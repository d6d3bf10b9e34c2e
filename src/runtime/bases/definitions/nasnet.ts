import { network } from '../application.js';
import { correctPad } from '../build/sizes.js';
import type { BuildNetwork } from '../definition.js';

const folder = 'https://storage.googleapis.com/tensorflow/keras-applications/nasnet';

const normalization = { epsilon: 1e-3, momentum: 0.9997 };

/** NASNet-A (Zoph et al. 2018), 4 cells at 1056 filters. */
const nasNetMobileNetwork: BuildNetwork = (l, input, options) => {
  type Tensor = typeof input;
  const automatic = l.automaticNames();
  const normalized = (x: Tensor, name: string) => l.batchNormalization(x, name, normalization);
  const relu = (x: Tensor, name = automatic('activation')) => l.activation(x, name, 'relu');
  const convolution = (x: Tensor, name: string, filters: number) =>
    l.convolution(x, name, { filters, kernel: 1, padding: 'same', useBias: false });
  const separable = (x: Tensor, id: string, filters: number, kernel: number, strides = 1) => {
    let y = relu(x);
    if (strides === 2) y = l.zeroPadding(y, `separable_conv_1_pad_${id}`, correctPad(y, kernel));
    const padding = strides === 2 ? 'valid' : 'same';
    y = l.separable(y, `separable_conv_1_${id}`, { filters, kernel, strides, padding });
    y = relu(normalized(y, `separable_conv_1_bn_${id}`));
    y = l.separable(y, `separable_conv_2_${id}`, { filters, kernel, padding: 'same' });
    return normalized(y, `separable_conv_2_bn_${id}`);
  };
  /** What the cell before had, in the size and with the filters of this one. */
  const adjusted = (previous: Tensor | undefined, x: Tensor, filters: number, id: string) => {
    if (previous === undefined) return x;
    if (previous.shape[2] !== x.shape[2]) {
      const p = relu(previous, `adjust_relu_1_${id}`);
      const half = Math.floor(filters / 2);
      const even = convolution(l.averagePooling(p, `adjust_avg_pool_1_${id}`, 1, 2), `adjust_conv_1_${id}`, half);
      const padded = l.zeroPadding(p, automatic('zero_padding2d'), [
        [0, 1],
        [0, 1],
      ]);
      const moved = l.layer(
        'Cropping2D',
        automatic('cropping2d'),
        {
          cropping: [
            [1, 0],
            [1, 0],
          ],
        },
        padded,
      );
      const odd = convolution(l.averagePooling(moved, `adjust_avg_pool_2_${id}`, 1, 2), `adjust_conv_2_${id}`, half);
      return normalized(l.concatenate([even, odd], automatic('concatenate')), `adjust_bn_${id}`);
    }
    if (previous.shape[3] === filters) return previous;
    return normalized(convolution(relu(previous), `adjust_conv_projection_${id}`, filters), `adjust_bn_${id}`);
  };
  const normal = (x: Tensor, previous: Tensor | undefined, filters: number, id: string) => {
    const p = adjusted(previous, x, filters, id);
    const h = normalized(convolution(relu(x), `normal_conv_1_${id}`, filters), `normal_bn_1_${id}`);
    const mean = (y: Tensor, side: string) => l.averagePooling(y, `normal_${side}_${id}`, 3, 1, 'same');
    const branch = (y: Tensor, side: string, kernel: number) => separable(y, `normal_${side}_${id}`, filters, kernel);
    const sum = (number: number, a: Tensor, b: Tensor) => l.add([a, b], `normal_add_${number}_${id}`);
    const x1 = sum(1, branch(h, 'left1', 5), branch(p, 'right1', 3));
    const x2 = sum(2, branch(p, 'left2', 5), branch(p, 'right2', 3));
    const x3 = sum(3, mean(h, 'left3'), p);
    const x4 = sum(4, mean(p, 'left4'), mean(p, 'right4'));
    const x5 = sum(5, branch(h, 'left5', 3), h);
    return l.concatenate([p, x1, x2, x3, x4, x5], `normal_concat_${id}`);
  };
  const reduction = (x: Tensor, previous: Tensor | undefined, filters: number, id: string) => {
    const p = adjusted(previous, x, filters, id);
    const h = normalized(convolution(relu(x), `reduction_conv_1_${id}`, filters), `reduction_bn_1_${id}`);
    const padded = l.zeroPadding(h, `reduction_pad_1_${id}`, correctPad(h, 3));
    const branch = (y: Tensor, side: string, kernel: number, strides = 2) =>
      separable(y, `reduction_${side}_${id}`, filters, kernel, strides);
    const sum = (name: string, a: Tensor, b: Tensor) => l.add([a, b], name);
    const x1 = sum(`reduction_add_1_${id}`, branch(h, 'left1', 5), branch(p, 'right1', 7));
    const x2 = sum(
      `reduction_add_2_${id}`,
      l.maxPooling(padded, `reduction_left2_${id}`, 3, 2),
      branch(p, 'right2', 7),
    );
    const x3 = sum(
      `reduction_add3_${id}`,
      l.averagePooling(padded, `reduction_left3_${id}`, 3, 2),
      branch(p, 'right3', 5),
    );
    const x4 = sum(automatic('add'), x2, l.averagePooling(x1, `reduction_left4_${id}`, 3, 1, 'same'));
    const x5 = sum(
      `reduction_add4_${id}`,
      branch(x1, 'left4', 3, 1),
      l.maxPooling(padded, `reduction_right5_${id}`, 3, 2),
    );
    return l.concatenate([x2, x3, x4, x5], `reduction_concat_${id}`);
  };

  const filters = 1056 / 24;
  const stem = l.convolution(input, 'stem_conv1', { filters: 32, kernel: 3, strides: 2, useBias: false });
  let previous = normalized(stem, 'stem_bn1');
  let x = reduction(previous, undefined, filters / 4, 'stem_1');
  [x, previous] = [reduction(x, previous, filters / 2, 'stem_2'), x];
  for (const stage of [0, 1, 2]) {
    const width = filters * 2 ** stage;
    if (stage > 0) [x, previous] = [reduction(x, previous, width, `reduce_${4 * stage}`), x];
    for (let i = 0; i < 4; i++)
      [x, previous] = [normal(x, previous, width, String(4 * stage + i + (stage > 0 ? 1 : 0))), x];
  }
  return l.top(relu(x), options, l.unnamedPools);
};

/**
 * NASNetMobile (Zoph et al. 2018) as `keras.applications.NASNetMobile`: same layer names, same outputs. Preprocessing: `tf`.
 * ImageNet, top 1: 74.4 % (https://keras.io/api/applications).
 */
export const nasNetMobile = network(
  [
    {
      ...{ name: 'nasnet-mobile', call: 'nasNetMobile', label: 'NASNetMobile', family: 'NASNet' },
      size: [224, 224],
      preprocessing: 'tf',
      parameters: 4_269_716,
      accuracy: 0.744,
      licence: 'Apache-2.0',
      weights: {
        notop: {
          url: `${folder}/NASNet-mobile-no-top.h5`,
          hash: { algorithm: 'md5', digest: '1ed92395b5b598bdda52abe5c0dbfd63' },
        },
        top: {
          url: `${folder}/NASNet-mobile.h5`,
          hash: { algorithm: 'md5', digest: '020fb642bf7360b370c678b08e0adf61' },
        },
        fingerprint: 'a78fa871b911',
      },
      layers: 388,
      freezePoints: [
        ['reduction_concat_stem_2', 49],
        ['normal_concat_3', 146],
        ['normal_concat_8', 267],
        ['normal_concat_10', 340],
        ['activation_187', 388],
      ],
    },
  ],
  nasNetMobileNetwork,
);
