import { network } from '../application.js';

const folder = 'https://storage.googleapis.com/tensorflow/keras-applications';

/** [convolutions, filters] of the five blocks (Simonyan and Zisserman 2014, table 1: D and E). */
const blocks = { 16: [2, 2, 3, 3, 3], 19: [2, 2, 4, 4, 4] } as const;
const filters = [64, 128, 256, 512, 512];

interface Vgg {
  readonly layers: 16 | 19;
  readonly parameters: number;
  /** MD5 of the files. */
  readonly notop: string;
  readonly top: string;
  readonly fingerprint: string;
}

function vgg({ layers, parameters, notop, top, fingerprint }: Vgg) {
  const name = `vgg${layers}`;
  const file = (end: string, digest: string) => ({
    url: `${folder}/${name}/${name}_weights_tf_dim_ordering_tf_kernels${end}.h5`,
    hash: { algorithm: 'md5', digest } as const,
  });
  const counts = blocks[layers];
  return network(
    [
      {
        ...{ name, call: name, label: name.toUpperCase(), family: 'VGG', parameters },
        size: [224, 224],
        preprocessing: 'caffe',
        accuracy: 0.713,
        licence: 'CC-BY-4.0',
        weights: {
          notop: file('_notop', notop),
          top: file('', top),
          fingerprint,
          classifier: ['fc1', 'fc2', 'predictions'],
        },
        layers: layers - 3,
        freezePoints: counts.map((_, i) => [
          `block${i + 1}_pool`,
          counts.slice(0, i + 1).reduce((sum: number, count) => sum + count, 0),
        ]),
      },
    ],
    ({ convolution, dense, layer, maxPooling, pooled, unnamedPools }, input, { includeTop, pooling, classes }) => {
      let x = input;
      counts.forEach((count, i) => {
        const options = { filters: filters[i] ?? 0, kernel: 3, padding: 'same', activation: 'relu' } as const;
        for (let j = 1; j <= count; j++) x = convolution(x, `block${i + 1}_conv${j}`, options);
        x = maxPooling(x, `block${i + 1}_pool`, 2, 2);
      });
      if (!includeTop) return pooled(x, pooling, unnamedPools);
      x = dense(layer('Flatten', 'flatten', {}, x), 'fc1', 4096, 'relu');
      return dense(dense(x, 'fc2', 4096, 'relu'), 'predictions', classes, 'softmax');
    },
  );
}

/**
 * VGG16 (Simonyan and Zisserman 2014) as `keras.applications.VGG16`: same layer names, same outputs. Preprocessing: `caffe`.
 * ImageNet, top 1: 71.3 % (https://keras.io/api/applications).
 */
export const vgg16 = vgg({
  layers: 16,
  parameters: 14_714_688,
  notop: '6d6bbae143d832006294945121d1f1fc',
  top: '64373286793e3c8b2b4e3219cbf3544b',
  fingerprint: '62aaf75aa543',
});

/** VGG19 (Simonyan and Zisserman 2014) as `keras.applications.VGG19`. Preprocessing: `caffe`. ImageNet, top 1: 71.3 %. */
export const vgg19 = vgg({
  layers: 19,
  parameters: 20_024_384,
  notop: '253f8cb515780f3b799900260a226db6',
  top: 'cbe5617147190e668d6c5d5026f83318',
  fingerprint: '2eaea4ab04d7',
});
