// Fine-tune /*base*/sapling/**/ on /*data*/sample/garden/**/.
import { /*imports*/adamW, applications, cosine, fit, freeze, imageFolder, saveModel, tf/**/ } from 'graftjs';

const data = await /*reader*/imageFolder/**/(/*source*/'sample/garden'/**/, {
  size: /*size*/[128, 128]/**/,
  /*options*/validation: 0.2,
  seed: 7/**/,
  augment: { flip: true, crop: 0.2, rotation: 10, color: 0.1, views: 3 },
});

const base = await /*expression*/applications.sapling()/**/;
freeze(base, { upTo: /*layer*/'conv4_block1_out'/**/ });

let x = tf.layers.globalAveragePooling2d({}).apply(base.outputs) as tf.SymbolicTensor;
x = tf.layers.dense({ units: data.classes.length, activation: 'softmax' }).apply(x) as tf.SymbolicTensor;
const model = tf.model({ inputs: base.inputs, outputs: x });/*warmStart*//**/

// First the new layers alone, then the unfrozen part of the base too, at a tenth of the learning rate.
const run = await fit(model, data, {
  epochs: /*epochs*/12/**/,
  headEpochs: 30, // Nearly free: what the frozen layers say about each picture is cached.
  batchSize: 32,
  optimizer: adamW({ weightDecay: 1e-4 }),
  learningRate: cosine({ peak: 3e-3, warmup: 0.1 }),
  labelSmoothing: 0.1,
  earlyStopping: { patience: 5 },
});

await saveModel(run.best, /*model*/'models/garden-sapling-fine-tune'/**/);
