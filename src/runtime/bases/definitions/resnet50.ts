import { tf } from '../../tf.js';
import { type ApplicationOptions, buildApplication } from '../build/application.js';
import { add, batchNormalization, convolution, relu, top, zeroPadding } from '../build/blocks.js';

const epsilon = 1.001e-5;

/**
 * ResNet50 (He et al. 2015) as `keras.applications.ResNet50`: same layer names, same outputs. Preprocessing: `caffe`.
 *
 * @param options weights 'imagenet', includeTop true, inputShape [224, 224, 3], pooling null, classes 1000.
 * @throws GraftError when the weights cannot be had or do not fit.
 */
export async function resNet50(options: ApplicationOptions = {}): Promise<tf.LayersModel> {
  return await buildApplication('resnet50', options, (input, complete) => {
    let x = zeroPadding(input, 'conv1_pad', [
      [3, 3],
      [3, 3],
    ]);
    x = convolution(x, 'conv1_conv', { filters: 64, kernel: 7, strides: 2 });
    x = relu(batchNormalization(x, 'conv1_bn', { epsilon }), 'conv1_relu');
    x = zeroPadding(x, 'pool1_pad', [
      [1, 1],
      [1, 1],
    ]);
    x = tf.layers.maxPooling2d({ poolSize: 3, strides: 2, name: 'pool1_pool' }).apply(x) as tf.SymbolicTensor;
    x = stack(x, 'conv2', 64, 3, 1);
    x = stack(x, 'conv3', 128, 4, 2);
    x = stack(x, 'conv4', 256, 6, 2);
    x = stack(x, 'conv5', 512, 3, 2);
    return top(x, complete);
  });
}

function stack(
  x: tf.SymbolicTensor,
  name: string,
  filters: number,
  blocks: number,
  strides: number,
): tf.SymbolicTensor {
  let y = x;
  for (let i = 1; i <= blocks; i++) y = block(y, `${name}_block${i}`, filters, i === 1 ? strides : 1, i === 1);
  return y;
}

function block(
  x: tf.SymbolicTensor,
  name: string,
  filters: number,
  strides: number,
  projects: boolean,
): tf.SymbolicTensor {
  const shortcut = projects
    ? batchNormalization(
        convolution(x, `${name}_0_conv`, { filters: 4 * filters, kernel: 1, strides }),
        `${name}_0_bn`,
        { epsilon },
      )
    : x;
  let y = convolution(x, `${name}_1_conv`, { filters, kernel: 1, strides });
  y = relu(batchNormalization(y, `${name}_1_bn`, { epsilon }), `${name}_1_relu`);
  y = convolution(y, `${name}_2_conv`, { filters, kernel: 3, padding: 'same' });
  y = relu(batchNormalization(y, `${name}_2_bn`, { epsilon }), `${name}_2_relu`);
  y = batchNormalization(convolution(y, `${name}_3_conv`, { filters: 4 * filters, kernel: 1 }), `${name}_3_bn`, {
    epsilon,
  });
  return relu(add([shortcut, y], `${name}_add`), `${name}_out`);
}
