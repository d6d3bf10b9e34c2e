import { network } from '../application.js';
import type { BuildNetwork } from '../definition.js';

const folder = 'https://storage.googleapis.com/tensorflow/keras-applications/xception';

const xceptionNetwork: BuildNetwork = (l, input, options) => {
  const automatic = l.automaticNames();
  const relu = (x: typeof input, name: string) => l.activation(x, `${name}_act`, 'relu');
  const convolution = (x: typeof input, name: string, filters: number, strides: number) => {
    const y = l.convolution(x, name, { filters, kernel: 3, strides, useBias: false });
    return relu(l.batchNormalization(y, `${name}_bn`), name);
  };
  const separable = (x: typeof input, name: string, filters: number) =>
    l.batchNormalization(l.separable(x, name, { filters, kernel: 3, padding: 'same' }), `${name}_bn`);
  const half = (x: typeof input, block: number, filters: readonly [number, number]) => {
    const narrow = { filters: filters[1], kernel: 1, strides: 2, padding: 'same', useBias: false } as const;
    const shortcut = l.convolution(x, automatic('conv2d'), narrow);
    const residual = l.batchNormalization(shortcut, automatic('batch_normalization'));
    const name = `block${block}_sepconv`;
    let y = block === 2 ? x : relu(x, `${name}1`);
    y = separable(y, `${name}1`, filters[0]);
    y = separable(relu(y, `${name}2`), `${name}2`, filters[1]);
    return l.add([l.maxPooling(y, `block${block}_pool`, 3, 2, 'same'), residual], automatic('add'));
  };

  let x = convolution(convolution(input, 'block1_conv1', 32, 2), 'block1_conv2', 64, 1);
  x = half(x, 2, [128, 128]);
  x = half(x, 3, [256, 256]);
  x = half(x, 4, [728, 728]);
  for (let block = 5; block <= 12; block++) {
    let y = x;
    for (const i of [1, 2, 3]) {
      const name = `block${block}_sepconv${i}`;
      y = separable(relu(y, name), name, 728);
    }
    x = l.add([y, x], automatic('add'));
  }
  x = half(x, 13, [728, 1024]);
  x = relu(separable(x, 'block14_sepconv1', 1536), 'block14_sepconv1');
  x = relu(separable(x, 'block14_sepconv2', 2048), 'block14_sepconv2');
  return l.topOfHalfNamed(x, options);
};

/**
 * Xception (Chollet 2017) as `keras.applications.Xception`: same layer names, same outputs. Preprocessing: `tf`.
 * ImageNet, top 1: 79.0 % (https://keras.io/api/applications).
 */
export const xception = network(
  [
    {
      ...{ name: 'xception', call: 'xception', label: 'Xception', family: 'Xception' },
      size: [299, 299],
      smallest: 71,
      preprocessing: 'tf',
      parameters: 20_861_480,
      accuracy: 0.79,
      licence: 'MIT',
      weights: {
        notop: {
          url: `${folder}/xception_weights_tf_dim_ordering_tf_kernels_notop.h5`,
          hash: { algorithm: 'md5', digest: 'b0042744bf5b25fce3cb969f33bebb97' },
        },
        top: {
          url: `${folder}/xception_weights_tf_dim_ordering_tf_kernels.h5`,
          hash: { algorithm: 'md5', digest: '0a58e3b7378bc2990ea3b43d5981f1f6' },
        },
        fingerprint: '4858f82696d5',
      },
      layers: 80,
      freezePoints: [
        ['block1_conv2_act', 4],
        ['add', 10],
        ['add_1', 16],
        ['add_2', 22],
        ['add_6', 46],
        ['add_10', 70],
        ['add_11', 76],
        ['block14_sepconv2_act', 80],
      ],
    },
  ],
  xceptionNetwork,
);
