import { network } from '../application.js';
import { correctPad, divisible } from '../build/sizes.js';
import type { Application, WidthOptions } from '../definition.js';

const folder = 'https://storage.googleapis.com/tensorflow/keras-applications/mobilenet_v3';
const normalization = { epsilon: 1e-3, momentum: 0.999 };

/**
 * Expansion, filters, kernel, stride, whether it squeezes and excites, activation (Howard et al. 2019, tables 1 and 2). A minimalistic
 * network has 3 × 3 and ReLU throughout, and squeezes nothing.
 */
type Block = readonly [
  expansion: number,
  filters: number,
  kernel: 3 | 5,
  stride: 1 | 2,
  se: boolean,
  fn: 'relu' | 'hs',
];
const small: readonly Block[] = [
  [1, 16, 3, 2, true, 'relu'],
  [72 / 16, 24, 3, 2, false, 'relu'],
  [88 / 24, 24, 3, 1, false, 'relu'],
  [4, 40, 5, 2, true, 'hs'],
  [6, 40, 5, 1, true, 'hs'],
  [6, 40, 5, 1, true, 'hs'],
  [3, 48, 5, 1, true, 'hs'],
  [3, 48, 5, 1, true, 'hs'],
  [6, 96, 5, 2, true, 'hs'],
  [6, 96, 5, 1, true, 'hs'],
  [6, 96, 5, 1, true, 'hs'],
];
const large: readonly Block[] = [
  [1, 16, 3, 1, false, 'relu'],
  [4, 24, 3, 2, false, 'relu'],
  [3, 24, 3, 1, false, 'relu'],
  [3, 40, 5, 2, true, 'relu'],
  [3, 40, 5, 1, true, 'relu'],
  [3, 40, 5, 1, true, 'relu'],
  [6, 80, 3, 2, false, 'hs'],
  [2.5, 80, 3, 1, false, 'hs'],
  [2.3, 80, 3, 1, false, 'hs'],
  [2.3, 80, 3, 1, false, 'hs'],
  [6, 112, 3, 1, true, 'hs'],
  [6, 112, 3, 1, true, 'hs'],
  [6, 160, 5, 2, true, 'hs'],
  [6, 160, 5, 1, true, 'hs'],
  [6, 160, 5, 1, true, 'hs'],
];

interface MobileNetV3Options extends WidthOptions {
  /** Without squeezing, hard swish and 5 × 5 convolutions. Default false. */
  readonly minimalistic?: boolean;
}

interface MobileNetV3 {
  readonly size: 'Small' | 'Large';
  readonly blocks: readonly Block[];
  /** Of the classifier's first layer. */
  readonly lastFilters: number;
  readonly variants: readonly {
    readonly arguments?: { readonly alpha?: number; readonly minimalistic?: true };
    readonly parameters: number;
    readonly accuracy: number;
    /** MD5 of the files. */
    readonly notop: string;
    readonly top: string;
    readonly fingerprint: string;
  }[];
}

/** The last layers before each halving of the map, and of the network. */
function freezePoints(blocks: readonly Block[], minimalistic: boolean) {
  let frozen = 2;
  const points = blocks.flatMap(([, filters, , stride, se], id) => {
    frozen += (id === 0 ? 4 : 6) + (se && !minimalistic ? 2 : 0);
    if ((blocks[id + 1]?.[3] ?? 2) === 1) return [];
    const isAdded = stride === 1 && filters === (blocks[id - 1]?.[1] ?? 16);
    return [[`expanded_conv_${id === 0 ? '' : `${id}_`}${isAdded ? 'add' : 'project_bn'}`, frozen] as const];
  });
  return [...points, ['conv_1_bn', frozen + 2] as const];
}

function mobileNetV3({ size, blocks, lastFilters, variants }: MobileNetV3): Application<MobileNetV3Options> {
  const bases = variants.map(({ notop, top, fingerprint, ...known }) => {
    const { alpha, minimalistic = false } = known.arguments ?? {};
    const width = alpha === undefined ? '1.0' : String(alpha);
    const end = minimalistic ? 'minimalistic' : alpha;
    const file = `${folder}/weights_mobilenet_v3_${size.toLowerCase()}${minimalistic ? '_minimalistic' : ''}_224_${width}_float`;
    const points = freezePoints(blocks, minimalistic);
    return {
      ...{ ...known, freezePoints: points, layers: points.at(-1)?.[1] ?? 0 },
      name: `mobilenet-v3-${size.toLowerCase()}${end === undefined ? '' : `-${end}`}`,
      call: `mobileNetV3${size}`,
      label: `MobileNetV3 ${size}${end === undefined ? '' : minimalistic ? ' (minimalistic)' : ` (alpha ${end})`}`,
      family: `MobileNetV3 ${size}`,
      size: [224, 224] as const,
      preprocessing: 'none' as const,
      licence: 'Apache-2.0',
      weights: {
        notop: { url: `${file}_no_top_v2.h5`, hash: { algorithm: 'md5', digest: notop } as const },
        top: { url: `${file}.h5`, hash: { algorithm: 'md5', digest: top } as const },
        fingerprint,
        classifier: ['conv_2', 'logits'],
      },
    };
  });
  return network<MobileNetV3Options>(
    bases,
    (
      { activation, add, batchNormalization, convolution, depthwise, dropout, layer, pooled, relu, zeroPadding },
      input,
      { alpha, minimalistic, includeTop, pooling, classes },
    ) => {
      // Keras leaves these to Keras, which counts them.
      const counts = new Map<string, number>();
      const counted = (name: string) => {
        const count = counts.get(name) ?? 0;
        counts.set(name, count + 1);
        return count === 0 ? name : `${name}_${count}`;
      };
      const act = (x: typeof input, fn: 'relu' | 'hs') =>
        fn === 'relu' || minimalistic ? relu(x, counted('re_lu')) : activation(x, counted('activation'), 'hardSilu');
      const normalized = (x: typeof input, name: string) => batchNormalization(x, `${name}_bn`, normalization);
      const pointwise = (x: typeof input, name: string, filters: number, useBias = false) =>
        convolution(x, name, { filters, kernel: 1, padding: 'same', useBias });
      const averaged = (x: typeof input, name: string) =>
        layer('Reduce', name, { operator: 'mean', axes: [1, 2], keepdims: true }, x);

      const block = (x: typeof input, id: number, [expansion, own, size, strides, se, fn]: Block) => {
        const prefix = id === 0 ? 'expanded_conv_' : `expanded_conv_${id}_`;
        const [channels, filters] = [Number(x.shape[3]), divisible(own * alpha)];
        const expanded = divisible(channels * expansion);
        const kernel = minimalistic ? 3 : size;
        let y = x;
        if (id > 0) y = act(normalized(pointwise(y, `${prefix}expand`, expanded), `${prefix}expand`), fn);
        if (strides === 2) y = zeroPadding(y, `${prefix}depthwise_pad`, correctPad(y, kernel));
        const padding = strides === 1 ? 'same' : 'valid';
        y = depthwise(y, `${prefix}depthwise`, { kernel, strides, padding, useBias: false });
        y = act(normalized(y, `${prefix}depthwise`), fn);
        if (se && !minimalistic) {
          const squeeze = `${prefix}squeeze_excite_`;
          let s = averaged(y, `${squeeze}avg_pool`);
          s = relu(pointwise(s, `${squeeze}conv`, divisible(expanded / 4), true), `${squeeze}relu`);
          s = pointwise(s, `${squeeze}conv_1`, expanded, true);
          s = activation(s, counted('re_lu'), 'hardSigmoid', 6);
          y = layer('Multiply', `${squeeze}mul`, {}, [y, s]);
        }
        y = normalized(pointwise(y, `${prefix}project`, filters), `${prefix}project`);
        return strides === 1 && channels === filters ? add([x, y], `${prefix}add`) : y;
      };

      let x = layer('Rescaling', 'rescaling', { scale: 1 / 127.5, offset: -1 }, input);
      x = convolution(x, 'conv', { filters: 16, kernel: 3, strides: 2, padding: 'same', useBias: false });
      x = act(normalized(x, 'conv'), 'hs');
      blocks.forEach((one, id) => (x = block(x, id, one)));
      x = act(normalized(pointwise(x, 'conv_1', divisible(Number(x.shape[3]) * 6)), 'conv_1'), 'hs');
      if (!includeTop) return pooled(x, pooling);
      const last = alpha > 1 ? divisible(lastFilters * alpha) : lastFilters;
      x = act(pointwise(averaged(x, 'global_average_pooling2d'), 'conv_2', last, true), 'hs');
      x = pointwise(dropout(x, 'dropout', 0.2), 'logits', classes, true);
      return activation(layer('Flatten', 'flatten', {}, x), 'predictions', 'softmax');
    },
  );
}

/**
 * MobileNetV3 Small (Howard et al. 2019) as `keras.applications.MobileNetV3Small`: same layer names, same outputs. Preprocessing: in the
 * model. ImageNet, top 1: 68.1 % (the table of Keras's documentation of it, as for its narrower and minimalistic ones).
 */
export const mobileNetV3Small = mobileNetV3({
  size: 'Small',
  blocks: small,
  lastFilters: 1024,
  variants: [
    {
      parameters: 939_120,
      accuracy: 0.681,
      notop: 'd3e8ec802a04aa4fc771ee12a9a9b836',
      top: '8768d4c2e7dee89b9d02b2d03d65d862',
      fingerprint: '03f79e4c1158',
    },
    {
      arguments: { alpha: 0.75 },
      parameters: 583_160,
      accuracy: 0.654,
      notop: 'ebdb5cc8e0b497cd13a7c275d475c819',
      top: 'cb65d4e5be93758266aa0a7f2c6708b7',
      fingerprint: 'fc19267edb19',
    },
    {
      arguments: { minimalistic: true },
      parameters: 441_000,
      accuracy: 0.619,
      notop: 'cde8136e733e811080d9fcd8a252f7e4',
      top: '99cd97fb2fcdad2bf028eb838de69e37',
      fingerprint: 'fdfdb0476eb2',
    },
  ],
});

/**
 * MobileNetV3 Large (Howard et al. 2019) as `keras.applications.MobileNetV3Large`: same layer names, same outputs. Preprocessing: in the
 * model. ImageNet, top 1: 75.6 % (the table of Keras's documentation of it, as for its narrower and minimalistic ones).
 */
export const mobileNetV3Large = mobileNetV3({
  size: 'Large',
  blocks: large,
  lastFilters: 1280,
  variants: [
    {
      parameters: 2_996_352,
      accuracy: 0.756,
      notop: '07fb09a5933dd0c8eaafa16978110389',
      top: '59e551e166be033d707958cf9e29a6a7',
      fingerprint: 'b7a22d19e7e5',
    },
    {
      arguments: { alpha: 0.75 },
      parameters: 1_808_736,
      accuracy: 0.733,
      notop: '40af19a13ebea4e2ee0c676887f69a2e',
      top: '765b44a33ad4005b3ac83185abf1d0eb',
      fingerprint: '920983a10985',
    },
    {
      arguments: { minimalistic: true },
      parameters: 1_437_608,
      accuracy: 0.723,
      notop: 'ec5221f64a2f6d1ef965a614bdae7973',
      top: '675e7b876c45c57e9e63e6d90a36599c',
      fingerprint: 'e65c3ddfb069',
    },
  ],
});
