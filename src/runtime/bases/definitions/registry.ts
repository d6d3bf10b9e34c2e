import type { Preprocessing } from '../../data/preprocessing.js';

export type ApplicationName = 'sapling' | 'mobilenet-v2' | 'resnet50' | 'squeezenet';

export interface WeightFile {
  readonly url: string;
  /** Hex digest of the whole file; where the publisher gives none, the size is all that can be checked. */
  readonly hash: { readonly algorithm: 'md5' | 'sha256'; readonly digest: string } | undefined;
}

/** A base that `graft` knows by name. */
export interface Application {
  readonly name: ApplicationName;
  readonly label: string;
  /** [height, width] in pixels that it was trained with. */
  readonly size: readonly [number, number];
  readonly preprocessing: Preprocessing;
  /** Parameters without the classifier. */
  readonly parameters: number;
  readonly licence: string;
  /** ImageNet weights without the classifier; undefined where they come with Graft or must be given as a path. */
  readonly notop: WeightFile | undefined;
  /** With the classifier. */
  readonly top: WeightFile | undefined;
  /** The last layers of its blocks: where freezing makes sense, from the input on. */
  readonly freezePoints: readonly string[];
}

const keras = 'https://storage.googleapis.com/tensorflow/keras-applications/';

export const registry: Readonly<Record<ApplicationName, Application>> = {
  sapling: {
    name: 'sapling',
    label: 'sapling',
    size: [128, 128],
    preprocessing: 'tf',
    parameters: 1_614_248,
    licence: 'MIT',
    notop: undefined,
    top: undefined,
    freezePoints: [
      'conv1_relu',
      'conv2_block1_out',
      'conv3_block1_out',
      'conv3_block2_out',
      'conv4_block1_out',
      'conv4_block2_out',
      'conv5_relu',
    ],
  },
  'mobilenet-v2': {
    name: 'mobilenet-v2',
    label: 'MobileNetV2',
    size: [224, 224],
    preprocessing: 'tf',
    parameters: 2_257_984,
    licence: 'Apache-2.0',
    notop: {
      url: `${keras}mobilenet_v2/mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224_no_top.h5`,
      hash: undefined,
    },
    top: { url: `${keras}mobilenet_v2/mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224.h5`, hash: undefined },
    freezePoints: ['block_2_add', 'block_5_add', 'block_9_add', 'block_12_add', 'block_15_add', 'out_relu'],
  },
  resnet50: {
    name: 'resnet50',
    label: 'ResNet50',
    size: [224, 224],
    preprocessing: 'caffe',
    parameters: 23_587_712,
    licence: 'MIT',
    notop: {
      url: `${keras}resnet/resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5`,
      hash: { algorithm: 'md5', digest: '4d473c1dd8becc155b73f8504c6f6626' },
    },
    top: { url: `${keras}resnet/resnet50_weights_tf_dim_ordering_tf_kernels.h5`, hash: undefined },
    freezePoints: [
      'pool1_pool',
      'conv2_block3_out',
      'conv3_block4_out',
      'conv4_block6_out',
      'conv5_block1_out',
      'conv5_block3_out',
    ],
  },
  squeezenet: {
    name: 'squeezenet',
    label: 'SqueezeNet 1.1',
    size: [227, 227],
    preprocessing: 'caffe',
    parameters: 722_496,
    licence: 'MIT',
    notop: undefined,
    top: undefined,
    freezePoints: ['pool1', 'fire3_concat', 'fire5_concat', 'fire7_concat', 'fire8_concat', 'fire9_concat'],
  },
};
