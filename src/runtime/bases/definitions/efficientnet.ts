import { network } from '../application.js';
import { correctPad, divisible } from '../build/sizes.js';
import type { BuildNetwork } from '../definition.js';

const folder = 'https://storage.googleapis.com/keras-applications';

/** Expansion, filters, blocks, kernel, stride of the first block (Tan and Le 2019, table 1). */
const stages = [
  [1, 16, 1, 3, 1],
  [6, 24, 2, 3, 2],
  [6, 40, 2, 5, 2],
  [6, 80, 3, 3, 2],
  [6, 112, 3, 5, 1],
  [6, 192, 4, 5, 2],
  [6, 320, 1, 3, 1],
] as const;
const deviations = [0.229, 0.224, 0.225];

/** Built by its width and depth, as multiples of B0's. */
export function efficientNet(width: number, depth: number, dropout: number): BuildNetwork {
  const filtersOf = (base: number) => divisible(base * width);
  const blocksOf = (base: number) => Math.ceil(base * depth);
  const all = stages.reduce((sum, [, , blocks]) => sum + blocksOf(blocks), 0);
  return (l, input, options) => {
    const convolution = (x: typeof input, name: string, filters: number) =>
      l.convolution(x, name, { filters, kernel: 1, padding: 'same', useBias: false });
    const active = (x: typeof input, norm: string, name: string) =>
      l.activation(l.batchNormalization(x, norm), name, 'swish');
    const block = (
      x: typeof input,
      prefix: string,
      [expansion, filters, kernel, strides, rate]: readonly [number, number, number, number, number],
    ) => {
      const channels = Number(x.shape[3]);
      const wide = channels * expansion;
      let y = x;
      if (expansion !== 1)
        y = active(convolution(y, `${prefix}expand_conv`, wide), `${prefix}expand_bn`, `${prefix}expand_activation`);
      if (strides === 2) y = l.zeroPadding(y, `${prefix}dwconv_pad`, correctPad(y, kernel));
      const padding = strides === 2 ? 'valid' : 'same';
      y = l.depthwise(y, `${prefix}dwconv`, { kernel, strides, padding, useBias: false });
      y = active(y, `${prefix}bn`, `${prefix}activation`);
      y = l.squeezeAndExcite(y, prefix, Math.max(1, Math.floor(channels / 4)));
      y = l.batchNormalization(convolution(y, `${prefix}project_conv`, filters), `${prefix}project_bn`);
      if (strides !== 1 || channels !== filters) return y;
      if (rate > 0) y = l.stochasticDepth(y, `${prefix}drop`, rate);
      return l.add([y, x], `${prefix}add`);
    };

    let x = l.normalization(l.rescaling(input, 'rescaling', 1 / 255), 'normalization');
    // Its ImageNet weights were trained with pixels over the variance, not its root.
    if (options.imagenet)
      x = l.rescaling(
        x,
        'rescaling_1',
        deviations.map((deviation) => 1 / Math.sqrt(deviation)),
      );
    x = l.zeroPadding(x, 'stem_conv_pad', correctPad(x, 3));
    x = l.convolution(x, 'stem_conv', { filters: filtersOf(32), kernel: 3, strides: 2, useBias: false });
    x = active(x, 'stem_bn', 'stem_activation');
    let number = 0;
    for (const [stage, [expansion, filters, blocks, kernel, stride]] of stages.entries()) {
      for (let i = 0; i < blocksOf(blocks); i++) {
        const rate = (0.2 * number++) / all;
        const arguments_ = [expansion, filtersOf(filters), kernel, i === 0 ? stride : 1, rate] as const;
        x = block(x, l.blockName(stage, i), arguments_);
      }
    }
    x = active(convolution(x, 'top_conv', filtersOf(1280)), 'top_bn', 'top_activation');
    return l.top(x, options, undefined, dropout);
  };
}

interface Size {
  readonly side: number;
  readonly width: number;
  readonly depth: number;
  readonly dropout: number;
  readonly parameters: number;
  readonly accuracy: number;
  /** MD5 of the files. */
  readonly notop: string;
  readonly top: string;
  readonly fingerprint: string;
  readonly layers: number;
  readonly freezePoints: readonly (readonly [layer: string, frozen: number])[];
}

function application(letter: `B${number}`, { side, width, depth, dropout, notop, top, fingerprint, ...known }: Size) {
  const file = (end: string, digest: string) => ({
    url: `${folder}/efficientnet${letter.toLowerCase()}${end}.h5`,
    hash: { algorithm: 'md5', digest } as const,
  });
  const base = {
    ...known,
    ...{ name: `efficientnet-${letter.toLowerCase()}`, call: `efficientNet${letter}`, label: `EfficientNet${letter}` },
    ...{ family: 'EfficientNet', size: [side, side] as const, preprocessing: 'none' as const, licence: 'Apache-2.0' },
    weights: { notop: file('_notop', notop), top: file('', top), fingerprint },
  };
  return network([base], efficientNet(width, depth, dropout));
}

/**
 * EfficientNetB0 (Tan and Le 2019) as `keras.applications.EfficientNetB0`: same layer names, same outputs. Its pixels, 0 … 255, are scaled in
 * it. ImageNet, top 1: 77.1 % (https://keras.io/api/applications).
 */
export const efficientNetB0 = application('B0', {
  ...{ side: 224, width: 1, depth: 1, dropout: 0.2, parameters: 4_049_570, accuracy: 0.771 },
  notop: '50bc09e76180e00e4465e1a485ddc09d',
  top: '902e53a9f72be733fc0bcb005b3ebbac',
  fingerprint: 'dcbc72a8c42c',
  layers: 131,
  freezePoints: [
    ['block2b_add', 25],
    ['block3b_add', 41],
    ['block4c_add', 65],
    ['block5c_add', 89],
    ['block6d_add', 121],
    ['top_activation', 131],
  ],
});

/** EfficientNetB1 (Tan and Le 2019) as `keras.applications.EfficientNetB1`. ImageNet, top 1: 79.1 %. */
export const efficientNetB1 = application('B1', {
  ...{ side: 240, width: 1, depth: 1.1, dropout: 0.2, parameters: 6_575_238, accuracy: 0.791 },
  notop: '74c4e6b3e1f6a1eea24c589628592432',
  top: '1d254153d4ab51201f1646940f018540',
  fingerprint: '4037b3faca4c',
  layers: 185,
  freezePoints: [
    ['block2c_add', 39],
    ['block3c_add', 63],
    ['block4d_add', 95],
    ['block5d_add', 127],
    ['block6e_add', 167],
    ['top_activation', 185],
  ],
});

/** EfficientNetB2 (Tan and Le 2019) as `keras.applications.EfficientNetB2`. ImageNet, top 1: 80.1 %. */
export const efficientNetB2 = application('B2', {
  ...{ side: 260, width: 1.1, depth: 1.2, dropout: 0.3, parameters: 7_768_568, accuracy: 0.801 },
  notop: '111f8e2ac8aa800a7a99e3239f7bfb39',
  top: 'b15cce36ff4dcbd00b6dd88e7857a6ad',
  fingerprint: '69414c4fd4a5',
  layers: 185,
  freezePoints: [
    ['block2c_add', 39],
    ['block3c_add', 63],
    ['block4d_add', 95],
    ['block5d_add', 127],
    ['block6e_add', 167],
    ['top_activation', 185],
  ],
});

/** EfficientNetB3 (Tan and Le 2019) as `keras.applications.EfficientNetB3`. ImageNet, top 1: 81.6 %. */
export const efficientNetB3 = application('B3', {
  ...{ side: 300, width: 1.2, depth: 1.4, dropout: 0.3, parameters: 10_783_534, accuracy: 0.816 },
  notop: 'af6d107764bb5b1abb91932881670226',
  top: 'ffd1fdc53d0ce67064dc6a9c7960ede0',
  fingerprint: 'eed8f094887a',
  layers: 209,
  freezePoints: [
    ['block2c_add', 39],
    ['block3c_add', 63],
    ['block4e_add', 103],
    ['block5e_add', 143],
    ['block6f_add', 191],
    ['top_activation', 209],
  ],
});
