import type { Preprocessing } from '../../../protocol/index.js';
import type { Program } from '../../graph/program.js';
import type { Decision } from './decision.js';

interface Family {
  readonly name: string;
  readonly preprocessing: Preprocessing;
  /** Layers that it has, and the shape of their kernels where that is known: null is any number. */
  readonly has: readonly (readonly [layer: RegExp, kernel?: readonly (number | null)[]])[];
  readonly hasNot?: RegExp;
}

const stem = (side: number, filters: number | null = null) => [side, side, 3, filters] as const;

/**
 * Well-known networks by their layers, as their authors trained them: `keras.applications` from Keras 2.0 on, also where their own scaling
 * was left out, and `efficientnet` and `keras_applications` of PyPI. The first that fits.
 */
const families: readonly Family[] = [
  { name: 'ResNetV2', preprocessing: 'tf', has: [[/^conv1_conv$/, stem(7, 64)], [/^conv2_block1_preact_bn$/]] },
  { name: 'ResNeXt', preprocessing: 'torch', has: [[/^conv1_conv$/, stem(7, 64)], [/^conv2_block1_2_reduce$/]] },
  {
    name: 'ResNet',
    preprocessing: 'caffe',
    has: [[/^conv1_conv$/, stem(7, 64)], [/^conv2_block1_1_bn$/], [/^conv2_block1_out$/]],
  },
  { name: 'ResNet50', preprocessing: 'caffe', has: [[/^conv1$/, stem(7, 64)], [/^res2a_branch2a$/], [/^bn_conv1$/]] },
  {
    name: 'DenseNet',
    preprocessing: 'torch',
    has: [[/^conv1_conv$/, stem(7, 64)], [/^conv2_block1_1_bn$/], [/^conv2_block1_concat$/]],
  },
  {
    name: 'VGG',
    preprocessing: 'caffe',
    has: [
      [/^block1_conv1$/, stem(3, 64)],
      [/^block1_conv2$/, [3, 3, 64, 64]],
      [/^block2_conv1$/, [3, 3, 64, 128]],
    ],
  },
  { name: 'Xception', preprocessing: 'tf', has: [[/^block1_conv1$/, stem(3, 32)], [/^block2_sepconv1$/]] },
  { name: 'MobileNet', preprocessing: 'tf', has: [[/^conv1$/, stem(3)], [/^conv_dw_1$/], [/^conv_pw_1$/]] },
  {
    name: 'MobileNetV2',
    preprocessing: 'tf',
    has: [[/^Conv1$/, stem(3)], [/^expanded_conv_depthwise$/], [/^block_1_expand$/]],
  },
  {
    name: 'MobileNetV3',
    preprocessing: 'tf',
    has: [[/^conv$/i, stem(3, 16)], [/^expanded_conv_depthwise$/], [/^expanded_conv_1_expand$/]],
  },
  { name: 'InceptionV3', preprocessing: 'tf', has: [[/^mixed0$/], [/^mixed1$/], [/^conv2d(_\d+)?$/, stem(3, 32)]] },
  {
    name: 'InceptionResNetV2',
    preprocessing: 'tf',
    has: [[/^mixed_5b$/], [/^block35_1_conv$/], [/^conv2d(_\d+)?$/, stem(3, 32)]],
  },
  { name: 'NASNet', preprocessing: 'tf', has: [[/^stem_conv1$/, stem(3)], [/^stem_bn1$/], [/^adjust_conv_1_/]] },
  {
    name: 'EfficientNetV2',
    preprocessing: 'tf',
    has: [[/^stem_conv$/, stem(3)], [/^block1a_project_conv$/], [/^block2a_expand_conv$/]],
    hasNot: /^block1a_dwconv$/,
  },
  { name: 'EfficientNet', preprocessing: 'torch', has: [[/^stem_conv$/, stem(3)], [/^block1a_dwconv$/]] },
  {
    name: 'ConvNeXt',
    preprocessing: 'torch',
    has: [[/(^|_)stage_0_block_0_depthwise_conv$/], [/_stem(_conv|_0)?$|^conv2d(_\d+)?$/, stem(4)]],
  },
];

/** Whether it is of a family that is known, whatever its weights. */
export function byFamily(program: Program): Decision | undefined {
  const layers = new Map(program.steps.map(({ layer }) => [layer.name, layer.weights[0]?.shape ?? []]));
  const found = familyOf(layers);
  return found && { preprocessing: found.preprocessing, why: `Its layers are those of ${article(found.name)}.` };
}

/** @param layers the shape of each one's first weight, by name. */
export function familyOf(
  layers: ReadonlyMap<string, readonly (number | null)[]>,
): Pick<Family, 'name' | 'preprocessing'> | undefined {
  const names = [...layers];
  const fits = (wanted: RegExp, kernel: readonly (number | null)[] = []) =>
    names.some(([name, shape]) => wanted.test(name) && kernel.every((size, i) => size === null || size === shape[i]));
  return families.find(
    ({ has, hasNot }) => has.every(([layer, kernel]) => fits(layer, kernel)) && (hasNot === undefined || !fits(hasNot)),
  );
}

function article(name: string): string {
  return /^[EIX]/.test(name) ? `an ${name}` : `a ${name}`;
}
