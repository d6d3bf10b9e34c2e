import type { tf } from '../../tf.js';
import { network } from '../application.js';
import type { ApplicationOptions } from '../definition.js';

const folder = 'https://storage.googleapis.com/tensorflow/keras-applications/resnet';
const normalization = { epsilon: 1.001e-5 };

const application = network(
  {
    name: 'resnet50',
    call: 'resNet50',
    label: 'ResNet50',
    size: [224, 224],
    preprocessing: 'caffe',
    parameters: 23_587_712,
    licence: 'MIT',
    weights: {
      notop: {
        url: `${folder}/resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5`,
        hash: { algorithm: 'md5', digest: '4d473c1dd8becc155b73f8504c6f6626' },
      },
      top: { url: `${folder}/resnet50_weights_tf_dim_ordering_tf_kernels.h5`, hash: undefined },
      signature: 'conv4_block6_3_conv',
    },
    layers: 106,
    freezePoints: [
      ['pool1_pool', 2],
      ['conv2_block3_out', 22],
      ['conv3_block4_out', 48],
      ['conv4_block6_out', 86],
      ['conv5_block1_out', 94],
      ['conv5_block3_out', 106],
    ],
  },
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
    const stack = (x: typeof input, name: string, filters: number, blocks: number, strides: number) => {
      let y = x;
      for (let i = 1; i <= blocks; i++) y = block(y, `${name}_block${i}`, filters, i === 1 ? strides : 1, i === 1);
      return y;
    };

    let x = convolution(zeroPadding(input, 'conv1_pad', 3), 'conv1_conv', { filters: 64, kernel: 7, strides: 2 });
    x = relu(batchNormalization(x, 'conv1_bn', normalization), 'conv1_relu');
    x = maxPooling(zeroPadding(x, 'pool1_pad', 1), 'pool1_pool', 3, 2);
    x = stack(x, 'conv2', 64, 3, 1);
    x = stack(x, 'conv3', 128, 4, 2);
    x = stack(x, 'conv4', 256, 6, 2);
    x = stack(x, 'conv5', 512, 3, 2);
    return top(x, options);
  },
);

/**
 * ResNet50 (He et al. 2015) as `keras.applications.ResNet50`: same layer names, same outputs. Preprocessing: `caffe`.
 *
 * @param options weights 'imagenet', includeTop true, inputShape [224, 224, 3], pooling null, classes 1000.
 * @throws GraftError when the weights cannot be had or do not fit.
 */
export async function resNet50(options: ApplicationOptions = {}): Promise<tf.LayersModel> {
  return await application(options);
}
resNet50.definition = application.definition;
