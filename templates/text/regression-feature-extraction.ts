// Feature extraction: /*base*/leaflet/**/ as a fixed extractor on /*data*/data/stars.csv/**/, a new regression on its output: /*names*/stars/**/.
import { /*imports*/applications, extractFeatures, ridgeRegression, saveModel, textTable/**/ } from 'graftjs';

const data = await textTable(/*source*/'data/stars.csv'/**/, {
  task: 'regression',
  /*options*/validation: 0.2,
  seed: 7/**/,
});

const base = await /*expression*/applications.leaflet()/**/;

const features = await extractFeatures(base, data); // Cached: another regression starts at once.
const model = await ridgeRegression(features, { l2: 'cross-validate' });

await saveModel(model, /*model*/'models/stars-leaflet-features'/**/);
