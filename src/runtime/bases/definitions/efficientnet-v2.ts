import { network } from '../application.js';
import type { BuildNetwork } from '../definition.js';

const folder = 'https://storage.googleapis.com/tensorflow/keras-applications/efficientnet_v2';

type Stage = readonly [expansion: number, filters: number, blocks: number, stride: number, fused: boolean];

/** Tan and Le 2021, table 4. */
const small: readonly Stage[] = [
  [1, 24, 2, 1, true],
  [4, 48, 4, 2, true],
  [4, 64, 4, 2, true],
  [4, 128, 6, 2, false],
  [6, 160, 9, 1, false],
  [6, 256, 15, 2, false],
];
const b: readonly Stage[] = [
  [1, 16, 1, 1, true],
  [4, 32, 2, 2, true],
  [4, 48, 2, 2, true],
  [4, 96, 3, 2, false],
  [6, 112, 5, 1, false],
  [6, 192, 8, 2, false],
];
const momentum = 0.9;

function efficientNetV2(stages: readonly Stage[], stem: number, width: number, depth: number): BuildNetwork {
  const filtersOf = (base: number) => Math.max(8, Math.floor((base * width + 4) / 8) * 8);
  // As Keras has it: of the blocks before they are scaled.
  const all = stages.reduce((sum, [, , blocks]) => sum + blocks, 0);
  return (l, input, options) => {
    const convolution = (x: typeof input, name: string, filters: number, kernel = 1, strides = 1) =>
      l.convolution(x, name, { filters, kernel, strides, padding: 'same', useBias: false });
    const normalized = (x: typeof input, name: string) => l.batchNormalization(x, name, { momentum });
    const active = (x: typeof input, norm: string, name: string) => l.activation(normalized(x, norm), name, 'swish');
    const block = (
      x: typeof input,
      prefix: string,
      [expansion, filters, strides, rate, fused]: readonly [number, number, number, number, boolean],
    ) => {
      const channels = Number(x.shape[3]);
      const wide = channels * expansion;
      const [first, last] = fused ? [3, expansion === 1 ? 3 : 1] : [1, 1];
      let y = x;
      if (expansion !== 1) {
        y = convolution(y, `${prefix}expand_conv`, wide, first, fused ? strides : 1);
        y = active(y, `${prefix}expand_bn`, `${prefix}expand_activation`);
      }
      if (!fused) {
        y = l.depthwise(y, `${prefix}dwconv2`, { strides, padding: 'same', useBias: false });
        y = active(y, `${prefix}bn`, `${prefix}activation`);
        y = l.squeezeAndExcite(y, prefix, Math.max(1, Math.floor(channels / 4)));
      }
      y = convolution(y, `${prefix}project_conv`, filters, last, fused && expansion === 1 ? strides : 1);
      y = normalized(y, `${prefix}project_bn`);
      if (fused && expansion === 1) y = l.activation(y, `${prefix}project_activation`, 'swish');
      if (strides !== 1 || channels !== filters) return y;
      if (rate > 0) y = l.stochasticDepth(y, `${prefix}drop`, rate);
      return l.add([y, x], `${prefix}add`);
    };

    let x: typeof input;
    if (stages === small) x = l.rescaling(input, 'rescaling', 1 / 128, -1);
    else
      x = l.normalization(l.rescaling(input, 'rescaling', 1 / 255), 'normalization', {
        mean: [0.485, 0.456, 0.406],
        variance: [0.229 ** 2, 0.224 ** 2, 0.225 ** 2],
      });
    x = active(convolution(x, 'stem_conv', filtersOf(stem), 3, 2), 'stem_bn', 'stem_activation');
    let number = 0;
    for (const [stage, [expansion, filters, blocks, stride, fused]] of stages.entries()) {
      for (let i = 0; i < Math.ceil(blocks * depth); i++) {
        const rate = (0.2 * number++) / all;
        x = block(x, l.blockName(stage, i), [expansion, filtersOf(filters), i === 0 ? stride : 1, rate, fused]);
      }
    }
    x = active(convolution(x, 'top_conv', filtersOf(1280)), 'top_bn', 'top_activation');
    return l.top(x, options, undefined, 0.2);
  };
}

interface Size {
  readonly side: number;
  readonly parameters: number;
  readonly accuracy: number;
  /** MD5 of the files. */
  readonly notop: string;
  readonly top: string;
  readonly fingerprint: string;
  readonly layers: number;
  readonly freezePoints: readonly (readonly [layer: string, frozen: number])[];
}

function application(letter: string, { side, notop, top, fingerprint, ...known }: Size, build: BuildNetwork) {
  const file = (end: string, digest: string) => ({
    url: `${folder}/efficientnetv2-${letter.toLowerCase()}${end}.h5`,
    hash: { algorithm: 'md5', digest } as const,
  });
  const base = {
    ...known,
    ...{ name: `efficientnet-v2-${letter.toLowerCase()}`, call: `efficientNetV2${letter}` },
    ...{ label: `EfficientNetV2${letter}`, family: 'EfficientNetV2', licence: 'Apache-2.0' },
    ...{ size: [side, side] as const, preprocessing: 'none' as const },
    weights: { notop: file('_notop', notop), top: file('', top), fingerprint },
  };
  return network([base], build);
}

/**
 * EfficientNetV2B0 (Tan and Le 2021) as `keras.applications.EfficientNetV2B0`: same layer names, same outputs. Its pixels, 0 … 255, are
 * scaled in it. ImageNet, top 1: 78.7 % (https://keras.io/api/applications).
 */
export const efficientNetV2B0 = application(
  'B0',
  {
    ...{ side: 224, parameters: 5_919_312, accuracy: 0.787 },
    notop: '893217f2bb855e2983157299931e43ff',
    top: '21ecbf6da12460d5c40bb2f29ceb2188',
    fingerprint: 'e99c9ca27f6d',
    layers: 150,
    freezePoints: [
      ['block2b_add', 12],
      ['block3b_add', 20],
      ['block4c_add', 44],
      ['block5e_add', 84],
      ['block6h_add', 148],
      ['top_activation', 150],
    ],
  },
  efficientNetV2(b, 32, 1, 1),
);

/** EfficientNetV2B1 (Tan and Le 2021) as `keras.applications.EfficientNetV2B1`. ImageNet, top 1: 79.8 %. */
export const efficientNetV2B1 = application(
  'B1',
  {
    ...{ side: 240, parameters: 6_931_124, accuracy: 0.798 },
    notop: '0e80663031ca32d657f9caa404b6ec37',
    top: '069f0534ff22adf035c89e2d9547a9dc',
    fingerprint: 'bdcda8fe6261',
    layers: 184,
    freezePoints: [
      ['block2c_add', 18],
      ['block3c_add', 30],
      ['block4d_add', 62],
      ['block5f_add', 110],
      ['block6i_add', 182],
      ['top_activation', 184],
    ],
  },
  efficientNetV2(b, 32, 1, 1.1),
);

/** EfficientNetV2B2 (Tan and Le 2021) as `keras.applications.EfficientNetV2B2`. ImageNet, top 1: 80.5 %. */
export const efficientNetV2B2 = application(
  'B2',
  {
    ...{ side: 260, parameters: 8_769_374, accuracy: 0.805 },
    notop: '1dfe2e7a5d45b6632553a8961ea609eb',
    top: '424e49f28180edbde1e94797771950a7',
    fingerprint: 'e1c934771df3',
    layers: 192,
    freezePoints: [
      ['block2c_add', 18],
      ['block3c_add', 30],
      ['block4d_add', 62],
      ['block5f_add', 110],
      ['block6j_add', 190],
      ['top_activation', 192],
    ],
  },
  efficientNetV2(b, 32, 1.1, 1.2),
);

/** EfficientNetV2B3 (Tan and Le 2021) as `keras.applications.EfficientNetV2B3`. ImageNet, top 1: 82.0 %. */
export const efficientNetV2B3 = application(
  'B3',
  {
    ...{ side: 300, parameters: 12_930_622, accuracy: 0.82 },
    notop: 'f6abf7b5849ac99a89b50dd3fd532856',
    top: '1f1fc43bd98a6e4fd8fdfd551e02c7a0',
    fingerprint: '4219a533c8e7',
    layers: 224,
    freezePoints: [
      ['block2c_add', 18],
      ['block3c_add', 30],
      ['block4e_add', 70],
      ['block5g_add', 126],
      ['block6l_add', 222],
      ['top_activation', 224],
    ],
  },
  efficientNetV2(b, 32, 1.2, 1.4),
);

/** EfficientNetV2S (Tan and Le 2021) as `keras.applications.EfficientNetV2S`. ImageNet, top 1: 83.9 %. */
export const efficientNetV2S = application(
  'S',
  {
    ...{ side: 384, parameters: 20_331_360, accuracy: 0.839 },
    notop: 'af0682fb74e8c54910f2d4393339c070',
    top: 'e1d88a8495beba45748fedd0cecbe016',
    fingerprint: 'ca8f88a1080f',
    layers: 280,
    freezePoints: [
      ['block2d_add', 22],
      ['block3d_add', 38],
      ['block4f_add', 86],
      ['block5i_add', 158],
      ['block6o_add', 278],
      ['top_activation', 280],
    ],
  },
  efficientNetV2(small, 24, 1, 1),
);
