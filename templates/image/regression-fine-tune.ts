// Fine-tune /*base*/sapling/**/ on /*data*/data/sizes.csv/**/, to say of a picture: /*names*/size/**/.
import { /*imports*/adamW, applications, cosine, fit, freeze, imageCsv, inUnits, saveModel, tf/**/ } from 'graftjs';

const data = await imageCsv(/*source*/'data/sizes.csv'/**/, {
  task: 'regression',
  size: /*size*/[128, 128]/**/,
  /*options*/validation: 0.2,
  seed: 7/**/,
  augment: { flip: true, color: 0.1, views: 3 }, // Nothing that would change the number.
});

const base = await /*expression*/applications.sapling()/**/;
freeze(base, { upTo: /*layer*/'conv4_block1_out'/**/ });

let x = tf.layers.globalAveragePooling2d({}).apply(base.outputs) as tf.SymbolicTensor;
x = tf.layers.dense({ units: /*units*/1/**/ }).apply(x) as tf.SymbolicTensor; // Standard deviations from the mean.
const model = tf.model({ inputs: base.inputs, outputs: inUnits(x, data) });/*warmStart*//**/

// First the new layers alone, then the unfrozen part of the base too, at a tenth of the learning rate.
const run = await fit(model, data, {
  epochs: /*epochs*/12/**/,
  headEpochs: 30, // Nearly free: what the frozen layers say about each picture is cached.
  batchSize: 32,
  optimizer: adamW({ weightDecay: 1e-4 }),
  learningRate: cosine({ peak: 3e-3, warmup: 0.1 }),
  earlyStopping: { patience: 5 },
});

await saveModel(run.best, /*model*/'models/sizes-sapling-fine-tune'/**/);
