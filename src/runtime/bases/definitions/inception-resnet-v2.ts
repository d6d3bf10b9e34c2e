import { network } from '../application.js';
import type { BuildNetwork } from '../definition.js';

const folder = 'https://storage.googleapis.com/tensorflow/keras-applications/inception_resnet_v2';

/** A convolution of a branch: filters, kernel, and whether it halves the picture. */
type Step = readonly [filters: number, kernel: number | readonly [number, number], half?: 'half'];

/** The residual blocks (Szegedy et al. 2017): their scale, and the branches of each. */
const blocks = {
  block35: [
    0.17,
    [
      [[32, 1]],
      [
        [32, 1],
        [32, 3],
      ],
      [
        [32, 1],
        [48, 3],
        [64, 3],
      ],
    ],
  ],
  block17: [
    0.1,
    [
      [[192, 1]],
      [
        [128, 1],
        [160, [1, 7]],
        [192, [7, 1]],
      ],
    ],
  ],
  block8: [
    0.2,
    [
      [[192, 1]],
      [
        [192, 1],
        [224, [1, 3]],
        [256, [3, 1]],
      ],
    ],
  ],
} as const satisfies Record<string, readonly [number, readonly (readonly Step[])[]]>;

const inceptionResNetV2Network: BuildNetwork = (l, input, options) => {
  const automatic = l.automaticNames();
  const convolution = (
    x: typeof input,
    [filters, kernel, half]: Step,
    padding: 'same' | 'valid' = 'same',
    name?: string,
  ) => {
    const strides = half === 'half' ? 2 : 1;
    const y = l.convolution(x, name ?? automatic('conv2d'), {
      ...{ filters, kernel, strides, useBias: false },
      padding: half === 'half' ? 'valid' : padding,
    });
    const norm = name === undefined ? automatic('batch_normalization') : `${name}_bn`;
    const normalized = l.batchNormalization(y, norm, { scale: false });
    return l.activation(normalized, name === undefined ? automatic('activation') : `${name}_ac`, 'relu');
  };
  const branch = (x: typeof input, steps: readonly Step[]) => steps.reduce((y, step) => convolution(y, step), x);
  const halved = (x: typeof input) => l.maxPooling(x, automatic('max_pooling2d'), 3, 2);
  const residual = (x: typeof input, kind: keyof typeof blocks, number: number, last = false) => {
    const [scale, branches] = blocks[kind];
    const name = `${kind}_${number}`;
    const mixed = l.concatenate(
      branches.map((steps) => branch(x, steps)),
      `${name}_mixed`,
    );
    const up = l.convolution(mixed, `${name}_conv`, { filters: Number(x.shape[3]), kernel: 1, padding: 'same' });
    const y = l.scaledSum(x, up, automatic('custom_scale_layer'), last ? 1 : scale);
    return last ? y : l.activation(y, `${name}_ac`, 'relu');
  };

  let x = convolution(input, [32, 3, 'half']);
  x = convolution(convolution(x, [32, 3], 'valid'), [64, 3]);
  x = convolution(convolution(halved(x), [80, 1], 'valid'), [192, 3], 'valid');
  x = halved(x);
  const stem = [
    [[96, 1]],
    [
      [48, 1],
      [64, 5],
    ],
    [
      [64, 1],
      [96, 3],
      [96, 3],
    ],
  ] as const;
  const mixed = stem.map((steps) => branch(x, steps));
  const mean = l.averagePooling(x, automatic('average_pooling2d'), 3, 1, 'same');
  x = l.concatenate([...mixed, convolution(mean, [64, 1])], 'mixed_5b');
  for (let i = 1; i <= 10; i++) x = residual(x, 'block35', i);
  x = l.concatenate(
    [
      branch(x, [[384, 3, 'half']]),
      branch(x, [
        [256, 1],
        [256, 3],
        [384, 3, 'half'],
      ]),
      halved(x),
    ],
    'mixed_6a',
  );
  for (let i = 1; i <= 20; i++) x = residual(x, 'block17', i);
  const reductions = [
    [
      [256, 1],
      [384, 3, 'half'],
    ],
    [
      [256, 1],
      [288, 3, 'half'],
    ],
    [
      [256, 1],
      [288, 3],
      [320, 3, 'half'],
    ],
  ] as const;
  x = l.concatenate([...reductions.map((steps) => branch(x, steps)), halved(x)], 'mixed_7a');
  for (let i = 1; i <= 10; i++) x = residual(x, 'block8', i, i === 10);
  return l.topOfHalfNamed(convolution(x, [1536, 1], 'same', 'conv_7b'), options);
};

/**
 * InceptionResNetV2 (Szegedy et al. 2017) as `keras.applications.InceptionResNetV2`: same layer names, same outputs. Preprocessing: `tf`.
 * ImageNet, top 1: 80.3 % (https://keras.io/api/applications).
 */
export const inceptionResNetV2 = network(
  [
    {
      ...{ name: 'inception-resnet-v2', call: 'inceptionResNetV2', label: 'InceptionResNetV2', family: 'Inception' },
      size: [299, 299],
      smallest: 75,
      preprocessing: 'tf',
      parameters: 54_336_736,
      accuracy: 0.803,
      licence: 'Apache-2.0',
      weights: {
        notop: {
          url: `${folder}/inception_resnet_v2_weights_tf_dim_ordering_tf_kernels_notop.h5`,
          hash: { algorithm: 'md5', digest: 'd19885ff4a710c122648d3b5c3b684e4' },
        },
        top: {
          url: `${folder}/inception_resnet_v2_weights_tf_dim_ordering_tf_kernels.h5`,
          hash: { algorithm: 'md5', digest: 'e693bd0210a403b3192acc6073ad2e96' },
        },
        fingerprint: '2597605a0b8d',
      },
      layers: 448,
      freezePoints: [
        ['max_pooling2d_1', 10],
        ['mixed_5b', 24],
        ['block35_10_ac', 154],
        ['block17_20_ac', 342],
        ['mixed_7a', 356],
        ['conv_7b_ac', 448],
      ],
    },
  ],
  inceptionResNetV2Network,
);
