// Feature extraction: /*base*/sapling/**/ as a fixed extractor on /*data*/data/sizes.csv/**/, a new regression on its output: /*names*/size/**/.
import { /*imports*/applications, extractFeatures, imageCsv, ridgeRegression, saveModel/**/ } from 'graftjs';

const data = await imageCsv(/*source*/'data/sizes.csv'/**/, {
  task: 'regression',
  size: /*size*/[128, 128]/**/,
  /*options*/validation: 0.2,
  seed: 7/**/,
});

const base = await /*expression*/applications.sapling()/**/;

const features = await extractFeatures(base, data); // Cached: another regression starts at once.
const model = await ridgeRegression(features, { l2: 'cross-validate' });

await saveModel(model, /*model*/'models/sizes-sapling-features'/**/);
