import { network } from '../application.js';

const folder = 'https://storage.googleapis.com/tensorflow/keras-applications/resnet';
const normalization = { epsilon: 1.001e-5 };

interface ResNet {
  readonly layers: 50 | 101 | 152;
  readonly parameters: number;
  readonly accuracy: number;
  /** MD5 of the files. */
  readonly notop: string;
  readonly top: string;
  readonly fingerprint: string;
}

/** Blocks of the four stages (He et al. 2015, table 1). */
const blocks = { 50: [3, 4, 6, 3], 101: [3, 4, 23, 3], 152: [3, 8, 36, 3] } as const;
const filters = [64, 128, 256, 512];

function facts({ layers, notop, top, fingerprint, ...known }: ResNet, version: '' | 'V2') {
  const label = `ResNet${layers}${version}`;
  const file = (end: string, digest: string) => ({
    url: `${folder}/${label.toLowerCase()}_weights_tf_dim_ordering_tf_kernels${end}.h5`,
    hash: { algorithm: 'md5', digest } as const,
  });
  // Each block has three convolutions, the first of a stage a fourth; with a normalization for each, or for all but one.
  const [perBlock, perShortcut, first, last] = version === '' ? [6, 2, 2, 0] : [6, 1, 1, 1];
  const counts = blocks[layers];
  const before = (stages: number, more: number) =>
    first + counts.slice(0, stages).reduce((sum, count) => sum + count * perBlock + perShortcut, 0) + more;
  const all = before(4, last);
  return {
    ...{ ...known, name: label.toLowerCase(), call: `resNet${layers}${version}`, label, family: `ResNet${version}` },
    size: [224, 224] as const,
    preprocessing: version === '' ? ('caffe' as const) : ('tf' as const),
    // Kaiming He's own; those of Facebook's ResNets for Torch.
    licence: version === '' ? 'MIT' : 'BSD',
    weights: { notop: file('_notop', notop), top: file('', top), fingerprint },
    layers: all,
    freezePoints: [
      ['pool1_pool', first],
      ...[1, 2, 3].map((stage) => [`conv${stage + 1}_block${counts[stage - 1] ?? 0}_out`, before(stage, 0)] as const),
      ['conv5_block1_out', before(3, perBlock + perShortcut)],
      [version === '' ? 'conv5_block3_out' : 'post_relu', all],
    ] as const,
  };
}

function resNet(of: ResNet) {
  return network(
    [facts(of, '')],
    ({ add, batchNormalization, convolution, maxPooling, relu, top, zeroPadding }, input, options) => {
      const block = (x: typeof input, name: string, filters: number, strides: number, projects: boolean) => {
        const normalized = (y: typeof input, n: number) => batchNormalization(y, `${name}_${n}_bn`, normalization);
        const shortcut = projects
          ? normalized(convolution(x, `${name}_0_conv`, { filters: 4 * filters, kernel: 1, strides }), 0)
          : x;
        let y = convolution(x, `${name}_1_conv`, { filters, kernel: 1, strides });
        y = relu(normalized(y, 1), `${name}_1_relu`);
        y = convolution(y, `${name}_2_conv`, { filters, kernel: 3, padding: 'same' });
        y = relu(normalized(y, 2), `${name}_2_relu`);
        y = normalized(convolution(y, `${name}_3_conv`, { filters: 4 * filters, kernel: 1 }), 3);
        return relu(add([shortcut, y], `${name}_add`), `${name}_out`);
      };

      let x = convolution(zeroPadding(input, 'conv1_pad', 3), 'conv1_conv', { filters: 64, kernel: 7, strides: 2 });
      x = relu(batchNormalization(x, 'conv1_bn', normalization), 'conv1_relu');
      x = maxPooling(zeroPadding(x, 'pool1_pad', 1), 'pool1_pool', 3, 2);
      blocks[of.layers].forEach((count, stage) => {
        for (let i = 1; i <= count; i++) {
          const strides = i === 1 && stage > 0 ? 2 : 1;
          x = block(x, `conv${stage + 2}_block${i}`, filters[stage] ?? 0, strides, i === 1);
        }
      });
      return top(x, options);
    },
  );
}

/** Normalizes before it convolves (He et al. 2016); its strides are at the end of a stage. */
function resNetV2(of: ResNet) {
  return network(
    [facts(of, 'V2')],
    ({ add, batchNormalization, convolution, maxPooling, relu, top, zeroPadding }, input, options) => {
      let pools = 0;
      const block = (x: typeof input, name: string, filters: number, strides: number, projects: boolean) => {
        const normalized = (y: typeof input, n: string) =>
          relu(batchNormalization(y, `${name}_${n}_bn`, normalization), `${name}_${n}_relu`);
        const before = normalized(x, 'preact');
        let shortcut = x;
        if (projects) shortcut = convolution(before, `${name}_0_conv`, { filters: 4 * filters, kernel: 1 });
        else if (strides > 1)
          shortcut = maxPooling(x, `max_pooling2d${pools++ === 0 ? '' : `_${pools - 1}`}`, 1, strides);
        let y = normalized(convolution(before, `${name}_1_conv`, { filters, kernel: 1, useBias: false }), '1');
        y = convolution(zeroPadding(y, `${name}_2_pad`, 1), `${name}_2_conv`, {
          ...{ filters, kernel: 3, strides, useBias: false },
        });
        y = convolution(normalized(y, '2'), `${name}_3_conv`, { filters: 4 * filters, kernel: 1 });
        return add([shortcut, y], `${name}_out`);
      };

      let x = convolution(zeroPadding(input, 'conv1_pad', 3), 'conv1_conv', { filters: 64, kernel: 7, strides: 2 });
      x = maxPooling(zeroPadding(x, 'pool1_pad', 1), 'pool1_pool', 3, 2);
      blocks[of.layers].forEach((count, stage) => {
        for (let i = 1; i <= count; i++) {
          const strides = i === count && stage < 3 ? 2 : 1;
          x = block(x, `conv${stage + 2}_block${i}`, filters[stage] ?? 0, strides, i === 1);
        }
      });
      return top(relu(batchNormalization(x, 'post_bn', normalization), 'post_relu'), options);
    },
  );
}

/**
 * ResNet50 (He et al. 2015) as `keras.applications.ResNet50`: same layer names, same outputs. Preprocessing: `caffe`.
 * ImageNet, top 1: 74.9 % (https://keras.io/api/applications).
 */
export const resNet50 = resNet({
  layers: 50,
  parameters: 23_587_712,
  accuracy: 0.749,
  notop: '4d473c1dd8becc155b73f8504c6f6626',
  top: '2cb95161c43110f7111970584f804107',
  fingerprint: '1bf94d4a0bca',
});

/** ResNet101 (He et al. 2015) as `keras.applications.ResNet101`. Preprocessing: `caffe`. ImageNet, top 1: 76.4 %. */
export const resNet101 = resNet({
  layers: 101,
  parameters: 42_658_176,
  accuracy: 0.764,
  notop: '88cf7a10940856eca736dc7b7e228a21',
  top: 'f1aeb4b969a6efcfb50fad2f0c20cfc5',
  fingerprint: 'c35515a1c4ea',
});

/** ResNet152 (He et al. 2015) as `keras.applications.ResNet152`. Preprocessing: `caffe`. ImageNet, top 1: 76.6 %. */
export const resNet152 = resNet({
  layers: 152,
  parameters: 58_370_944,
  accuracy: 0.766,
  notop: 'ee4c566cf9a93f14d82f913c2dc6dd0c',
  top: '100835be76be38e30d865e96f2aaae62',
  fingerprint: '223e4514c252',
});

/** ResNet50V2 (He et al. 2016) as `keras.applications.ResNet50V2`. Preprocessing: `tf`. ImageNet, top 1: 76.0 %. */
export const resNet50V2 = resNetV2({
  layers: 50,
  parameters: 23_564_800,
  accuracy: 0.76,
  notop: 'fac2f116257151a9d068a22e544a4917',
  top: '3ef43a0b657b3be2300d5770ece849e0',
  fingerprint: '173b7664719d',
});

/** ResNet101V2 (He et al. 2016) as `keras.applications.ResNet101V2`. Preprocessing: `tf`. ImageNet, top 1: 77.2 %. */
export const resNet101V2 = resNetV2({
  layers: 101,
  parameters: 42_626_560,
  accuracy: 0.772,
  notop: 'c0ed64b8031c3730f411d2eb4eea35b5',
  top: '6343647c601c52e1368623803854d971',
  fingerprint: 'a5955442e387',
});

/** ResNet152V2 (He et al. 2016) as `keras.applications.ResNet152V2`. Preprocessing: `tf`. ImageNet, top 1: 78.0 %. */
export const resNet152V2 = resNetV2({
  layers: 152,
  parameters: 58_331_648,
  accuracy: 0.78,
  notop: 'ed17cf2e0169df9d443503ef94b23b33',
  top: 'a49b44d1979771252814e80f8ec446f9',
  fingerprint: '7b1fac914554',
});
