import { network } from '../application.js';
import type { BuildNetwork } from '../definition.js';

const folder = 'https://storage.googleapis.com/tensorflow/keras-applications/convnext';

const filters = [96, 192, 384, 768];
const epsilon = 1e-6;
/** Of red, green and blue, 0 … 255. */
const mean = [0.485 * 255, 0.456 * 255, 0.406 * 255];
const variance = [(0.229 * 255) ** 2, (0.224 * 255) ** 2, (0.225 * 255) ** 2];

/** @param blocks of the four stages (Liu et al. 2022). */
function convNeXt(prefix: string, blocks: readonly number[]): BuildNetwork {
  return (l, input, { includeTop, pooling, classes }) => {
    const automatic = l.automaticNames();
    const block = (x: typeof input, name: string) => {
      const channels = Number(x.shape[3]);
      let y = l.convolutionPerChannel(x, `${name}_depthwise_conv`, 7);
      y = l.layerNormalization(y, `${name}_layernorm`, epsilon);
      y = l.activation(l.dense(y, `${name}_pointwise_conv_1`, 4 * channels), `${name}_gelu`, 'gelu');
      y = l.layerScale(l.dense(y, `${name}_pointwise_conv_2`, channels), `${name}_layer_scale`, 1e-6);
      return l.add([x, l.activation(y, `${name}_identity`, 'linear')], automatic('add'));
    };

    let x = l.normalization(input, `${prefix}_prestem_normalization`, { mean, variance });
    for (const [stage, count] of blocks.entries()) {
      const width = filters[stage] ?? 0;
      if (stage === 0) {
        x = l.convolution(x, `${prefix}_stem_conv`, { filters: width, kernel: 4, strides: 4 });
        x = l.layerNormalization(x, `${prefix}_stem_layernorm`, epsilon);
      } else {
        x = l.layerNormalization(x, `${prefix}_downsampling_layernorm_${stage - 1}`, epsilon);
        x = l.convolution(x, `${prefix}_downsampling_conv_${stage - 1}`, { filters: width, kernel: 2, strides: 2 });
      }
      for (let i = 0; i < count; i++) x = block(x, `${prefix}_stage_${stage}_block_${i}`);
    }
    if (!includeTop) return l.layerNormalization(l.pooled(x, pooling, l.unnamedPools), 'layer_normalization', epsilon);
    x = l.layerNormalization(
      l.layer('GlobalAveragePooling2D', `${prefix}_head_gap`, {}, x),
      `${prefix}_head_layernorm`,
      epsilon,
    );
    return l.dense(x, `${prefix}_head_dense`, classes, 'softmax');
  };
}

interface Size {
  readonly blocks: readonly number[];
  readonly parameters: number;
  readonly accuracy: number;
  /** SHA-256 of the files. */
  readonly notop: string;
  readonly top: string;
  readonly fingerprint: string;
  readonly layers: number;
  readonly freezePoints: readonly (readonly [layer: string, frozen: number])[];
}

function application(size: 'Tiny' | 'Small', { blocks, notop, top, fingerprint, ...known }: Size) {
  const prefix = `convnext_${size.toLowerCase()}`;
  const file = (end: string, digest: string) => ({
    url: `${folder}/${prefix}${end}.h5`,
    hash: { algorithm: 'sha256', digest } as const,
  });
  const base = {
    ...{ ...known, name: `convnext-${size.toLowerCase()}`, call: `convNeXt${size}`, label: `ConvNeXt${size}` },
    ...{ family: 'ConvNeXt', size: [224, 224] as const, preprocessing: 'none' as const, licence: 'MIT' },
    weights: {
      ...{ notop: file('_notop', notop), top: file('', top), fingerprint },
      classifier: [`${prefix}_head_layernorm`, `${prefix}_head_dense`],
    },
  };
  return network([base], convNeXt(prefix, blocks));
}

/**
 * ConvNeXtTiny (Liu et al. 2022) as `keras.applications.ConvNeXtTiny`: same layer names, those of its models within the model in their place;
 * same outputs. Its pixels, 0 … 255, are scaled in it. ImageNet, top 1: 81.3 % (https://keras.io/api/applications).
 */
export const convNeXtTiny = application('Tiny', {
  blocks: [3, 3, 9, 3],
  ...{ parameters: 27_820_128, accuracy: 0.813 },
  notop: 'd547c096cabd03329d7be5562c5e14798aa39ed24b474157cef5e85ab9e49ef1',
  top: '8ae6e78ce2933352b1ef4008e6dd2f17bc40771563877d156bc6426c7cf503ff',
  fingerprint: '68a9121b0c90',
  layers: 99,
  freezePoints: [
    ['convnext_tiny_stem_layernorm', 2],
    ['add_2', 17],
    ['add_5', 34],
    ['add_11', 66],
    ['add_14', 81],
    ['layer_normalization', 99],
  ],
});

/** ConvNeXtSmall (Liu et al. 2022) as `keras.applications.ConvNeXtSmall`. ImageNet, top 1: 82.3 %. */
export const convNeXtSmall = application('Small', {
  blocks: [3, 3, 27, 3],
  ...{ parameters: 49_454_688, accuracy: 0.823 },
  notop: '6fc8009faa2f00c1c1dfce59feea9b0745eb260a7dd11bee65c8e20843da6eab',
  top: 'ce1277d8f1ee5a0ef0e171469089c18f5233860ceaf9b168049cb9263fd7483c',
  fingerprint: '7ebc16b732e2',
  layers: 189,
  freezePoints: [
    ['convnext_small_stem_layernorm', 2],
    ['add_2', 17],
    ['add_5', 34],
    ['add_23', 126],
    ['add_32', 171],
    ['layer_normalization', 189],
  ],
});
