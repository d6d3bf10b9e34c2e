import assert from 'node:assert/strict';
import { test } from 'node:test';

import { loadBase } from '../../../src/runtime/bases/load-base.js';
import { mobileNetV2 } from '../../../src/runtime/bases/definitions/mobilenet-v2.js';
import { sapling } from '../../../src/runtime/bases/definitions/sapling.js';
import { imageCsv, imageData, imageFolder, imageIdx, type ImageDataset } from '../../../src/runtime/data/index.js';
import { GraftError } from '../../../src/common/errors.js';
import { saveModel } from '../../../src/runtime/export/save-model.js';
import { extractFeatures } from '../../../src/runtime/train/features.js';
import { fit } from '../../../src/runtime/train/fit.js';
import { freeze, unfreeze } from '../../../src/runtime/train/freeze.js';
import { layerWiseDecay } from '../../../src/runtime/train/layer-wise-decay.js';
import { logisticRegression } from '../../../src/runtime/train/logistic-regression.js';
import { nearestCentroid } from '../../../src/runtime/train/nearest-centroid.js';
import { adamW, sgd } from '../../../src/runtime/train/optimizers.js';
import { constant, cosine, step } from '../../../src/runtime/train/schedules.js';
import { tinyModel } from '../../support/made-up.js';

/** What a script may write, whatever TypeScript thinks of it. */
type Anything = never;
const wrong = (value: unknown) => value as Anything;

const model = tinyModel();
const data = wrong({ kind: 'image', train: [], validation: [], classes: [], size: [8, 8] }) as ImageDataset;
const features = wrong({ extractor: model, dimensions: 1, train: {}, validation: {}, data });
const size = [8, 8] as const;
const promise = wrong(Promise.resolve());
const trained = { model, classes: [], size, metrics: {} };

const calls: readonly (readonly [string, () => unknown, string])[] = [
  // Unknown options, with the one that was meant.
  [
    'batchsize',
    () => fit(model, data, wrong({ epochs: 1, batchsize: 8 })),
    'fit has no option "batchsize". Did you mean "batchSize"?',
  ],
  [
    'earlyStoping',
    () => fit(model, data, wrong({ epochs: 1, earlyStoping: {} })),
    'fit has no option "earlyStoping". Did you mean "earlyStopping"?',
  ],
  [
    'nested',
    () => fit(model, data, wrong({ epochs: 1, earlyStopping: { patiense: 3 } })),
    'fit has no option "earlyStopping.patiense". Did you mean "earlyStopping.patience"?',
  ],
  [
    'imageFolder',
    () => imageFolder('x', wrong({ size, validaton: 0.1 })),
    'imageFolder has no option "validaton". Did you mean "validation"?',
  ],
  [
    'augment',
    () => imageFolder('x', wrong({ size, augment: { flipp: true } })),
    'imageFolder has no option "augment.flipp". Did you mean "augment.flip"?',
  ],
  [
    'of a table',
    () => imageFolder('x', wrong({ size, columns: {} })),
    'imageFolder has no option "columns". Its options are size, validation, test, group, nearDuplicates, seed, resize, augment, maxPixels.',
  ],
  [
    'columns',
    () => imageCsv('x', wrong({ size, columns: { lable: 'a' } })),
    'imageCsv has no option "columns.lable". Did you mean "columns.label"?',
  ],
  ['imageData', () => imageData('x', wrong({ size, sead: 1 })), 'imageData has no option "sead". Did you mean "seed"?'],
  [
    'imageIdx',
    () => imageIdx(wrong({ images: 'a', label: 'b' }), { size }),
    'imageIdx has no option "label". Did you mean "labels"?',
  ],
  [
    'extractFeatures',
    () => extractFeatures(model, data, wrong({ cachelimit: 1 })),
    'extractFeatures has no option "cachelimit". Did you mean "cacheLimit"?',
  ],
  [
    'logisticRegression',
    () => logisticRegression(features, wrong({ L2: 1 })),
    'logisticRegression has no option "L2". Did you mean "l2"?',
  ],
  [
    'freeze',
    () => {
      freeze(model, wrong({ upto: 'add' }));
    },
    'freeze has no option "upto". Did you mean "upTo"?',
  ],
  [
    'layerWiseDecay',
    () => layerWiseDecay(model, wrong({ dekay: 0.5 })),
    'layerWiseDecay has no option "dekay". Did you mean "decay"?',
  ],
  [
    'saveModel',
    () => saveModel(wrong(trained), 'x', wrong({ overwrit: true })),
    'saveModel has no option "overwrit". Did you mean "overwrite"?',
  ],
  ['loadBase', () => loadBase('x', wrong({ cutat: 'a' })), 'loadBase has no option "cutat". Did you mean "cutAt"?'],
  [
    'applications',
    () => mobileNetV2(wrong({ includetop: false })),
    'applications.mobileNetV2 has no option "includetop". Did you mean "includeTop"?',
  ],
  [
    'sapling',
    () => sapling(wrong({ weights: 'imagenet' })),
    'applications.sapling has no option "weights". Its options are inputShape.',
  ],
  ['adamW', () => adamW(wrong({ weight_decay: 0 })), 'adamW has no option "weight_decay". Did you mean "weightDecay"?'],
  ['sgd', () => sgd(wrong({ momentun: 0 })), 'sgd has no option "momentun". Did you mean "momentum"?'],
  ['cosine', () => cosine(wrong({ peek: 1 })), 'cosine has no option "peek". Did you mean "peak"?'],
  [
    'constant',
    () => constant(wrong({ peak: 1, warmUps: 1 })),
    'constant has no option "warmUps". Did you mean "warmup"?',
  ],
  ['step', () => step(wrong({ peak: 1, evry: 1 })), 'step has no option "evry". Did you mean "every"?'],
  // Wrong types and values.
  [
    'a text for a number',
    () => fit(model, data, wrong({ epochs: '10' })),
    'fit: epochs is "10". It must be a whole number from 1.',
  ],
  ['epochs 0', () => fit(model, data, { epochs: 0 }), 'fit: epochs is 0. It must be a whole number from 1.'],
  ['NaN', () => fit(model, data, { epochs: 1, mixup: NaN }), 'fit: mixup is NaN. It must be 0 or a positive number.'],
  ['no epochs', () => fit(model, data, wrong({})), 'fit: epochs is missing. It must be a whole number from 1.'],
  [
    'no options',
    () => fit(model, data, wrong(undefined)),
    'fit: the options are undefined. Give them in braces: fit(…, { epochs: … }).',
  ],
  [
    'a number for the options',
    () => fit(model, data, wrong(10)),
    'fit: the options are 10. Give them in braces: fit(…, { epochs: … }).',
  ],
  [
    'the name of an optimizer',
    () => fit(model, data, wrong({ epochs: 1, optimizer: 'adam' })),
    'fit: optimizer is "adam". It must be adamW(…) or sgd(…).',
  ],
  [
    'a schedule that was not called',
    () => fit(model, data, wrong({ epochs: 1, learningRate: cosine })),
    'fit: learningRate is the function cosine, which was not called. It must be a positive number, constant(…), cosine(…) or step(…).',
  ],
  [
    'an engine',
    () => fit(model, data, wrong({ epochs: 1, engine: 'cuda' })),
    'fit: engine is "cuda". It must be one of "auto", "onnxruntime", "wasm".',
  ],
  [
    'multipliers',
    () => fit(model, data, wrong({ epochs: 1, learningRateMultipliers: { a: -1 } })),
    'fit: learningRateMultipliers is { a }. It must be 0 or a positive number for each layer, by its name.',
  ],
  [
    'one size',
    () => imageFolder('x', wrong({ size: 128 })),
    'imageFolder: size is 128. It must be [height, width] in pixels, each from 8 to 4096.',
  ],
  [
    'no size',
    () => imageFolder('x', wrong({})),
    'imageFolder: size is missing. It must be [height, width] in pixels, each from 8 to 4096.',
  ],
  [
    'percent',
    () => imageFolder('x', { size, validation: 20 }),
    'imageFolder: validation is 20. It must be a fraction between 0 and 1, for instance 0.2.',
  ],
  [
    'too much held back',
    () => imageFolder('x', { size, validation: 0.6, test: 0.4 }),
    'imageFolder: validation is 0.6 and test is 0.4. Together they must leave pictures to learn from.',
  ],
  [
    'resize',
    () => imageFolder('x', wrong({ size, resize: 'fit' })),
    'imageFolder: resize is "fit". It must be one of "crop", "pad", "stretch".',
  ],
  [
    'no folder',
    () => imageFolder(wrong(undefined), { size }),
    "imageFolder: the folder is undefined. It must be a path, or folders by side: { train: '…', validation: '…' }.",
  ],
  [
    'a side that there is not',
    () => imageFolder(wrong({ train: 'a', val: 'b' }), { size }),
    "imageFolder: the folder is { train, val }. It must be a path, or folders by side: { train: '…', validation: '…' }.",
  ],
  [
    'l2',
    () => logisticRegression(features, wrong({ l2: -1 })),
    "logisticRegression: l2 is -1. It must be 0 or more, or 'cross-validate'.",
  ],
  [
    'a slip in a layer',
    () => {
      freeze(model, { upTo: 'ad' });
    },
    `freeze: ${model.name} has no layer "ad". Did you mean "add"?`,
  ],
  [
    'a layer of another model',
    () => {
      freeze(model, { upTo: 'conv_nope' });
    },
    `freeze: ${model.name} has no layer "conv_nope". Its stages end in relu, add, pool, dense.`,
  ],
  [
    'depth',
    () => {
      freeze(model, { upTo: { depth: 2 } });
    },
    'freeze: upTo.depth is 2. It must be a number from 0 (nothing) to 1 (the whole base).',
  ],
  [
    'weights',
    () => mobileNetV2(wrong({ weights: true })),
    "applications.mobileNetV2: weights is true. It must be 'imagenet', the path of an .h5 file, or null for random weights.",
  ],
  [
    'a loss of another library',
    () => fit(model, data, wrong({ epochs: 1, loss: 'sparse' })),
    'fit: loss is "sparse". It must be one of "categoricalCrossentropy", "binaryCrossentropy", "meanSquaredError".',
  ],
  // A forgotten await, and things in each other's places.
  [
    'data',
    () => fit(model, promise, { epochs: 1 }),
    'fit: data is a promise: imageFolder(…) was not awaited. Write: await imageFolder(…)',
  ],
  [
    'model',
    () => fit(promise, data, { epochs: 1 }),
    'fit: model is a promise: applications.…(…), loadBase(…) or tf.model(…) was not awaited. Write: await applications.…(…), loadBase(…) or tf.model(…)',
  ],
  [
    'base',
    () => {
      freeze(promise);
    },
    'freeze: model is a promise: applications.…(…), loadBase(…) or tf.model(…) was not awaited. Write: await applications.…(…), loadBase(…) or tf.model(…)',
  ],
  [
    'base of features',
    () => extractFeatures(promise, data),
    'extractFeatures: base is a promise: applications.…(…), loadBase(…) or tf.model(…) was not awaited. Write: await applications.…(…), loadBase(…) or tf.model(…)',
  ],
  [
    'features',
    () => nearestCentroid(promise),
    'nearestCentroid: features is a promise: extractFeatures(…) was not awaited. Write: await extractFeatures(…)',
  ],
  [
    'data for features',
    () => logisticRegression(wrong(data)),
    'logisticRegression: features is { kind, train, validation, classes, size }. It must be the features of labelled pictures, from extractFeatures(…).',
  ],
  [
    'turned around',
    () => fit(wrong(data), wrong(model), { epochs: 1 }),
    'fit: model is { kind, train, validation, classes, size }. It must be a tf.LayersModel, from applications.…(…), loadBase(…) or tf.model(…).',
  ],
  [
    'nothing to unfreeze',
    () => {
      unfreeze(wrong(undefined));
    },
    'unfreeze: model is undefined. It must be a tf.LayersModel, from applications.…(…), loadBase(…) or tf.model(…).',
  ],
  [
    'no path',
    () => saveModel(wrong(trained), wrong(undefined)),
    "saveModel: there is no path. Say where the model goes: saveModel(run.best, 'models/flowers')",
  ],
  [
    'an empty path',
    () => saveModel(wrong(trained), ' '),
    `saveModel: the path is " ". Say where the model goes: saveModel(run.best, 'models/flowers')`,
  ],
  [
    'the result of fit',
    () => saveModel(wrong({ best: trained, report: {} }), 'x'),
    'saveModel: the model is the whole result of fit(…). Give the best epoch of it: saveModel(run.best, …)',
  ],
  [
    'a promise of it',
    () => saveModel(promise, 'x'),
    'saveModel: the model is a promise: fit(…) or logisticRegression(…) was not awaited. Write: await fit(…) or logisticRegression(…)',
  ],
];

for (const [name, call, expected] of calls) {
  test(`an everyday mistake: ${name} (${expected.slice(0, 40)}…)`, async () => {
    await assert.rejects(
      // Some throw at once.
      (async () => {
        await call();
      })(),
      (error: unknown) => {
        assert.ok(error instanceof GraftError, String(error));
        assert.equal(`${error.message} ${error.action}`, expected);
        return true;
      },
    );
  });
}
