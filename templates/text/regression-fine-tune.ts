// New layers on /*base*/leaflet/**/, trained on /*data*/data/stars.csv/**/, to say of a text: /*names*/stars/**/.
import { /*imports*/adamW, applications, cosine, fit, freeze, inUnits, saveModel, textTable, tf/**/ } from 'graftjs';

const data = await textTable(/*source*/'data/stars.csv'/**/, {
  task: 'regression',
  /*options*/validation: 0.2,
  seed: 7/**/,
});

const base = await /*expression*/applications.leaflet()/**/;
freeze(base/*freeze*//**/); // What it says of each text is computed once, and cached.

let x = tf.layers.dense({ units: 128, activation: 'relu' }).apply(base.outputs) as tf.SymbolicTensor;
x = tf.layers.dropout({ rate: 0.3 }).apply(x) as tf.SymbolicTensor;
x = tf.layers.dense({ units: /*units*/1/**/ }).apply(x) as tf.SymbolicTensor; // Standard deviations from the mean.
const model = tf.model({ inputs: base.inputs, outputs: inUnits(x, data) });

const run = await fit(model, data, {
  epochs: /*epochs*/30/**/,
  batchSize: 32,
  optimizer: adamW({ weightDecay: 1e-4 }),
  learningRate: cosine({ peak: 1e-2, warmup: 0.1 }),
  earlyStopping: { patience: 5 },
});

await saveModel(run.best, /*model*/'models/stars-leaflet-fine-tune'/**/);
