import { network } from '../application.js';
import type { BuildNetwork } from '../definition.js';

const folder = 'https://storage.googleapis.com/tensorflow/keras-applications/densenet';

const normalization = { epsilon: 1.001e-5 };

/** @param blocks of the four stages (Huang et al. 2017, table 1). */
function denseNet(blocks: readonly number[]): BuildNetwork {
  return (l, input, options) => {
    const active = (x: typeof input, prefix: string) =>
      l.activation(l.batchNormalization(x, `${prefix}bn`, normalization), `${prefix}relu`, 'relu');
    const convolution = (x: typeof input, name: string, filters: number, kernel = 1) =>
      l.convolution(x, name, { filters, kernel, padding: 'same', useBias: false });
    const block = (x: typeof input, name: string) => {
      const narrow = active(convolution(active(x, `${name}_0_`), `${name}_1_conv`, 128), `${name}_1_`);
      return l.concatenate([x, convolution(narrow, `${name}_2_conv`, 32, 3)], `${name}_concat`);
    };
    const transition = (x: typeof input, name: string) => {
      const half = convolution(active(x, `${name}_`), `${name}_conv`, Math.floor(Number(x.shape[3]) / 2));
      return l.averagePooling(half, `${name}_pool`, 2, 2);
    };

    const name = l.automaticNames();
    let x = l.zeroPadding(input, name('zero_padding2d'), 3);
    x = active(l.convolution(x, 'conv1_conv', { filters: 64, kernel: 7, strides: 2, useBias: false }), 'conv1_');
    x = l.maxPooling(l.zeroPadding(x, name('zero_padding2d'), 1), 'pool1', 3, 2);
    for (const [stage, count] of blocks.entries()) {
      for (let i = 1; i <= count; i++) x = block(x, `conv${stage + 2}_block${i}`);
      if (stage < blocks.length - 1) x = transition(x, `pool${stage + 2}`);
    }
    return l.top(active(x, ''), options);
  };
}

interface DenseNet {
  readonly blocks: readonly [number, number, number, number];
  readonly parameters: number;
  readonly accuracy: number;
  /** MD5 of the files. */
  readonly notop: string;
  readonly top: string;
  readonly fingerprint: string;
}

function application(name: string, { blocks, notop, top, fingerprint, ...known }: DenseNet) {
  const file = (end: string, digest: string) => ({
    url: `${folder}/densenet${name}_weights_tf_dim_ordering_tf_kernels${end}.h5`,
    hash: { algorithm: 'md5', digest } as const,
  });
  // A block has two convolutions and two normalizations, what stands between the stages one of each.
  const before = (stages: number, more: number) =>
    2 + blocks.slice(0, stages).reduce((sum, count) => sum + 4 * count + 2, 0) + more;
  const half = blocks[3] / 2;
  const layers = before(3, 4 * blocks[3] + 1);
  const base = {
    ...{ ...known, name: `densenet${name}`, call: `denseNet${name}`, label: `DenseNet${name}`, family: 'DenseNet' },
    ...{ size: [224, 224] as const, preprocessing: 'torch' as const, licence: 'BSD-3-Clause', layers },
    weights: { notop: file('_notop', notop), top: file('', top), fingerprint },
    freezePoints: [
      ['pool1', 2],
      ...[1, 2, 3].map((stage) => [`pool${stage + 1}_pool`, before(stage, 0)] as const),
      [`conv5_block${half}_concat`, before(3, 4 * half)],
      ['relu', layers],
    ] as const,
  };
  return network([base], denseNet(blocks));
}

/**
 * DenseNet121 (Huang et al. 2017) as `keras.applications.DenseNet121`: same layer names, same outputs. Preprocessing: `torch`.
 * ImageNet, top 1: 75.0 % (https://keras.io/api/applications).
 */
export const denseNet121 = application('121', {
  blocks: [6, 12, 24, 16],
  ...{ parameters: 7_037_504, accuracy: 0.75 },
  notop: '30ee3e1110167f948a6b9946edeeb738',
  top: '9d60b8095a5708f2dcce2bca79d332c7',
  fingerprint: '7ab2ccb03c3c',
});

/** DenseNet169 (Huang et al. 2017) as `keras.applications.DenseNet169`. Preprocessing: `torch`. ImageNet, top 1: 76.2 %. */
export const denseNet169 = application('169', {
  blocks: [6, 12, 32, 32],
  ...{ parameters: 12_642_880, accuracy: 0.762 },
  notop: 'b8c4d4c20dd625c148057b9ff1c1176b',
  top: 'd699b8f76981ab1b30698df4c175e90b',
  fingerprint: '10308075a369',
});

/** DenseNet201 (Huang et al. 2017) as `keras.applications.DenseNet201`. Preprocessing: `torch`. ImageNet, top 1: 77.3 %. */
export const denseNet201 = application('201', {
  blocks: [6, 12, 48, 32],
  ...{ parameters: 18_321_984, accuracy: 0.773 },
  notop: 'c13680b51ded0fb44dff2d8f86ac8bb1',
  top: '1ceb130c1ea1b78c3bf6114dbdfd8807',
  fingerprint: '8719b112a79d',
});
