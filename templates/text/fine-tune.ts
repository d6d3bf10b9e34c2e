// New layers on /*base*/leaflet/**/, trained on /*data*/sample/letters.csv/**/.
import { /*imports*/adamW, applications, cosine, fit, freeze, saveModel, textTable, tf/**/ } from 'graftjs';

const data = await /*reader*/textTable/**/(/*source*/'sample/letters.csv'/**/, {
  /*options*/validation: 0.2,
  seed: 7/**/,
});

const base = await /*expression*/applications.leaflet()/**/;
freeze(base/*freeze*//**/); // What it says of each text is computed once, and cached.

let x = tf.layers.dense({ units: 128, activation: 'relu' }).apply(base.outputs) as tf.SymbolicTensor;
x = tf.layers.dropout({ rate: 0.3 }).apply(x) as tf.SymbolicTensor;
x = tf.layers.dense({ units: data.classes.length, activation: 'softmax' }).apply(x) as tf.SymbolicTensor;
const model = tf.model({ inputs: base.inputs, outputs: x });

const run = await fit(model, data, {
  epochs: /*epochs*/30/**/,
  batchSize: 32,
  optimizer: adamW({ weightDecay: 1e-4 }),
  learningRate: cosine({ peak: 1e-2, warmup: 0.1 }),
  labelSmoothing: 0.1,
  earlyStopping: { patience: 5 },
});

await saveModel(run.best, /*model*/'models/letters-leaflet-fine-tune'/**/);
