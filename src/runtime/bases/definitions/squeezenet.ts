import { network } from '../application.js';

/**
 * SqueezeNet 1.1 (Iandola et al. 2016), with the layer names of the weights that rcmalli/keras-squeezenet published.
 * Preprocessing: `caffe`.
 *
 * @param options inputShape default [227, 227, 3]; the others as for ResNet50. `weights` is a path or null.
 * @throws GraftError when the weights do not fit.
 */
export const squeezeNet = network(
  [
    {
      name: 'squeezenet',
      call: 'squeezeNet',
      label: 'SqueezeNet 1.1',
      family: 'SqueezeNet',
      size: [227, 227],
      preprocessing: 'caffe',
      parameters: 722_496,
      accuracy: undefined,
      licence: 'MIT',
      weights: { notop: undefined, top: undefined, fingerprint: '4a2464cb99ea', classifier: ['conv10'] },
      layers: 25,
      freezePoints: [
        ['pool1', 1],
        ['fire3_concat', 7],
        ['fire5_concat', 13],
        ['fire7_concat', 19],
        ['fire8_concat', 22],
        ['fire9_concat', 25],
      ],
    },
  ],
  ({ concatenate, convolution, dropout, maxPooling, pooled, softmax }, input, { includeTop, pooling, classes }) => {
    const pool = (x: typeof input, name: string) => maxPooling(x, name, 3, 2);
    const fire = (x: typeof input, id: number, squeeze: number, expand: number) => {
      const s = convolution(x, `fire${id}_squeeze1x1`, { filters: squeeze, kernel: 1, activation: 'relu' });
      const left = convolution(s, `fire${id}_expand1x1`, { filters: expand, kernel: 1, activation: 'relu' });
      const right = convolution(s, `fire${id}_expand3x3`, {
        filters: expand,
        kernel: 3,
        padding: 'same',
        activation: 'relu',
      });
      return concatenate([left, right], `fire${id}_concat`);
    };

    let x = convolution(input, 'conv1', { filters: 64, kernel: 3, strides: 2, activation: 'relu' });
    x = pool(x, 'pool1');
    x = fire(fire(x, 2, 16, 64), 3, 16, 64);
    x = pool(x, 'pool3');
    x = fire(fire(x, 4, 32, 128), 5, 32, 128);
    x = pool(x, 'pool5');
    x = fire(fire(x, 6, 48, 192), 7, 48, 192);
    x = fire(fire(x, 8, 64, 256), 9, 64, 256);
    if (!includeTop) return pooled(x, pooling);
    x = convolution(dropout(x, 'drop9', 0.5), 'conv10', { filters: classes, kernel: 1, activation: 'relu' });
    return softmax(pooled(x, 'avg'), 'loss');
  },
);
