import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  mobileNet,
  mobileNetV2,
  mobileNetV3Large,
  resNet152V2,
  vgg19,
} from '../../../../src/runtime/bases/definitions/index.js';
import { knownBase, knownBases } from '../../../../src/runtime/bases/known.js';

const keras = 'https://storage.googleapis.com/tensorflow/keras-applications';

/** The address that each picks, as keras.applications does. */
const addresses: readonly (readonly [name: string, size: readonly [number, number] | undefined, file: string])[] = [
  ['mobilenet-v2', undefined, 'mobilenet_v2/mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224_no_top.h5'],
  ['mobilenet-v2-0.35', [96, 96], 'mobilenet_v2/mobilenet_v2_weights_tf_dim_ordering_tf_kernels_0.35_96_no_top.h5'],
  ['mobilenet-v2-1.4', [160, 192], 'mobilenet_v2/mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.4_224_no_top.h5'],
  ['mobilenet-0.25', [128, 128], 'mobilenet/mobilenet_2_5_128_tf_no_top.h5'],
  ['mobilenet', [96, 96], 'mobilenet/mobilenet_1_0_224_tf_no_top.h5'],
  ['mobilenet-v3-large-0.75', undefined, 'mobilenet_v3/weights_mobilenet_v3_large_224_0.75_float_no_top_v2.h5'],
  [
    'mobilenet-v3-small-minimalistic',
    undefined,
    'mobilenet_v3/weights_mobilenet_v3_small_minimalistic_224_1.0_float_no_top_v2.h5',
  ],
  ['resnet152v2', undefined, 'resnet/resnet152v2_weights_tf_dim_ordering_tf_kernels_notop.h5'],
  ['vgg19', undefined, 'vgg19/vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5'],
];
for (const [name, size, file] of addresses)
  test(`${name}, ${size?.join(' × ') ?? 'its own size'}: weights at Keras's address`, () => {
    const weights = knownBase(name)?.weights;
    assert.ok(weights !== undefined && weights !== 'bundled');
    const files = (size && weights.forSize?.(...size)) ?? weights;
    assert.equal(files.notop?.url, `${keras}/${file}`);
  });

test('no file has two bases', () => {
  const urls = knownBases.flatMap(({ weights }) =>
    weights === 'bundled' ? [] : [weights.notop?.url, weights.top?.url].filter((url) => url !== undefined),
  );
  assert.equal(new Set(urls.map((url) => url.split('/').at(-1))).size, urls.length);
});

test('a width without published weights is refused, and one that a network does not have is no option', async () => {
  await assert.rejects(
    mobileNetV2({ alpha: 0.6 }),
    /MobileNetV2 \(alpha 0\.6\): there is no address for these ImageNet weights/,
  );
  await assert.rejects(mobileNet({ alpha: 1.4 }), /MobileNet \(alpha 1\.4\): there is no address/);
  await assert.rejects(
    mobileNetV3Large({ alpha: 0.75, minimalistic: true }),
    /MobileNetV3 Large \(alpha 0\.75, minimalistic\): there is no address/,
  );
  for (const make of [resNet152V2, vgg19]) await assert.rejects(make({ alpha: 1 } as object), /has no option "alpha"/);
  await assert.rejects(mobileNetV2({ minimalistic: true } as object), /has no option "minimalistic"/);
});
