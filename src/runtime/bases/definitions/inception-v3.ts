import { network } from '../application.js';
import type { BuildNetwork } from '../definition.js';

const folder = 'https://storage.googleapis.com/tensorflow/keras-applications/inception_v3';

/** A convolution of a branch: filters, kernel, and whether it halves the picture. */
type Step = readonly [filters: number, kernel: number | readonly [number, number], half?: 'half'];

const inceptionV3Network: BuildNetwork = (l, input, options) => {
  const automatic = l.automaticNames();
  const convolution = (x: typeof input, [filters, kernel, half]: Step, padding: 'same' | 'valid' = 'same') => {
    const strides = half === 'half' ? 2 : 1;
    const y = l.convolution(x, automatic('conv2d'), {
      ...{ filters, kernel, strides, useBias: false },
      padding: half === 'half' ? 'valid' : padding,
    });
    const normalized = l.batchNormalization(y, automatic('batch_normalization'), { scale: false });
    return l.activation(normalized, automatic('activation'), 'relu');
  };
  const branch = (x: typeof input, ...steps: readonly Step[]) => steps.reduce((y, step) => convolution(y, step), x);
  const mean = (x: typeof input, filters: number) =>
    convolution(l.averagePooling(x, automatic('average_pooling2d'), 3, 1, 'same'), [filters, 1]);
  const halved = (x: typeof input) => l.maxPooling(x, automatic('max_pooling2d'), 3, 2);
  const along = (size: number) => [1, size] as const;
  const down = (size: number) => [size, 1] as const;

  let x = convolution(input, [32, 3, 'half']);
  x = convolution(convolution(x, [32, 3], 'valid'), [64, 3]);
  x = convolution(convolution(halved(x), [80, 1], 'valid'), [192, 3], 'valid');
  x = halved(x);
  for (const [i, last] of [32, 64, 64].entries()) {
    const branches = [
      branch(x, [64, 1]),
      branch(x, [48, 1], [64, 5]),
      branch(x, [64, 1], [96, 3], [96, 3]),
      mean(x, last),
    ];
    x = l.concatenate(branches, `mixed${i}`);
  }
  let branches = [branch(x, [384, 3, 'half']), branch(x, [64, 1], [96, 3], [96, 3, 'half']), halved(x)];
  x = l.concatenate(branches, 'mixed3');
  for (const [i, narrow] of [128, 160, 160, 192].entries()) {
    branches = [
      branch(x, [192, 1]),
      branch(x, [narrow, 1], [narrow, along(7)], [192, down(7)]),
      branch(x, [narrow, 1], [narrow, down(7)], [narrow, along(7)], [narrow, down(7)], [192, along(7)]),
      mean(x, 192),
    ];
    x = l.concatenate(branches, `mixed${4 + i}`);
  }
  branches = [
    branch(x, [192, 1], [320, 3, 'half']),
    branch(x, [192, 1], [192, along(7)], [192, down(7)], [192, 3, 'half']),
    halved(x),
  ];
  x = l.concatenate(branches, 'mixed8');
  for (const i of [0, 1]) {
    const both = (y: typeof input, name: string) =>
      l.concatenate([branch(y, [384, along(3)]), branch(y, [384, down(3)])], name);
    branches = [
      branch(x, [320, 1]),
      both(branch(x, [384, 1]), `mixed9_${i}`),
      both(branch(x, [448, 1], [384, 3]), automatic('concatenate')),
      mean(x, 192),
    ];
    x = l.concatenate(branches, `mixed${9 + i}`);
  }
  return l.topOfHalfNamed(x, options);
};

/**
 * InceptionV3 (Szegedy et al. 2016) as `keras.applications.InceptionV3`: same layer names, same outputs. Preprocessing: `tf`.
 * ImageNet, top 1: 77.9 % (https://keras.io/api/applications).
 */
export const inceptionV3 = network(
  [
    {
      ...{ name: 'inception-v3', call: 'inceptionV3', label: 'InceptionV3', family: 'Inception' },
      size: [299, 299],
      smallest: 75,
      preprocessing: 'tf',
      parameters: 21_802_784,
      accuracy: 0.779,
      licence: 'Apache-2.0',
      weights: {
        notop: {
          url: `${folder}/inception_v3_weights_tf_dim_ordering_tf_kernels_notop.h5`,
          hash: { algorithm: 'md5', digest: 'bcbd6486424b2319ff4ef7d526e38f63' },
        },
        top: {
          url: `${folder}/inception_v3_weights_tf_dim_ordering_tf_kernels.h5`,
          hash: { algorithm: 'md5', digest: '9a0d58056eeedaa3f26cb7ebd46da564' },
        },
        fingerprint: 'a27128526f79',
      },
      layers: 188,
      freezePoints: [
        ['max_pooling2d_1', 10],
        ['mixed2', 52],
        ['mixed5', 100],
        ['mixed7', 140],
        ['mixed8', 152],
        ['mixed10', 188],
      ],
    },
  ],
  inceptionV3Network,
);
