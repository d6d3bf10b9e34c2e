import { tf } from '../../tf.js';
import { type ApplicationOptions, buildApplication } from '../build/application.js';
import { convolution } from '../build/blocks.js';

/**
 * SqueezeNet 1.1 (Iandola et al. 2016), with the layer names of the weights that rcmalli/keras-squeezenet published.
 * Preprocessing: `caffe`.
 *
 * @param options inputShape default [227, 227, 3]; the others as for ResNet50. `weights` is a path or null.
 * @throws GraftError when the weights do not fit.
 */
export async function squeezeNet(options: ApplicationOptions = {}): Promise<tf.LayersModel> {
  return await buildApplication('squeezenet', options, (input, { includeTop, pooling, classes }) => {
    let x = convolution(input, 'conv1', { filters: 64, kernel: 3, strides: 2, activation: 'relu' });
    x = pool(x, 'pool1');
    x = fire(fire(x, 2, 16, 64), 3, 16, 64);
    x = pool(x, 'pool3');
    x = fire(fire(x, 4, 32, 128), 5, 32, 128);
    x = pool(x, 'pool5');
    x = fire(fire(x, 6, 48, 192), 7, 48, 192);
    x = fire(fire(x, 8, 64, 256), 9, 64, 256);
    if (includeTop) {
      x = tf.layers.dropout({ rate: 0.5, name: 'drop9' }).apply(x) as tf.SymbolicTensor;
      x = convolution(x, 'conv10', { filters: classes, kernel: 1, activation: 'relu' });
      x = tf.layers.globalAveragePooling2d({ name: 'avg_pool' }).apply(x) as tf.SymbolicTensor;
      return tf.layers.softmax({ name: 'loss' }).apply(x) as tf.SymbolicTensor;
    }
    if (pooling === null) return x;
    const layer =
      pooling === 'avg'
        ? tf.layers.globalAveragePooling2d({ name: 'avg_pool' })
        : tf.layers.globalMaxPooling2d({ name: 'max_pool' });
    return layer.apply(x) as tf.SymbolicTensor;
  });
}

function pool(x: tf.SymbolicTensor, name: string): tf.SymbolicTensor {
  return tf.layers.maxPooling2d({ poolSize: 3, strides: 2, name }).apply(x) as tf.SymbolicTensor;
}

function fire(x: tf.SymbolicTensor, id: number, squeeze: number, expand: number): tf.SymbolicTensor {
  const s = convolution(x, `fire${id}_squeeze1x1`, { filters: squeeze, kernel: 1, activation: 'relu' });
  const left = convolution(s, `fire${id}_expand1x1`, { filters: expand, kernel: 1, activation: 'relu' });
  const right = convolution(s, `fire${id}_expand3x3`, {
    filters: expand,
    kernel: 3,
    padding: 'same',
    activation: 'relu',
  });
  return tf.layers.concatenate({ axis: 3, name: `fire${id}_concat` }).apply([left, right]) as tf.SymbolicTensor;
}
