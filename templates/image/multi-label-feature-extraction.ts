// Feature extraction: /*base*/sapling/**/ as a fixed extractor on /*data*/data/scenes.csv/**/, a classifier for each label: /*names*/beach, boat, people/**/.
import { /*imports*/applications, extractFeatures, imageCsv, logisticRegression, saveModel/**/ } from 'graftjs';

const data = await imageCsv(/*source*/'data/scenes.csv'/**/, {
  task: 'multi-label',
  size: /*size*/[128, 128]/**/,
  /*options*/validation: 0.2,
  seed: 7/**/,
});

const base = await /*expression*/applications.sapling()/**/;

const features = await extractFeatures(base, data); // Cached: another classifier starts at once.
const model = await logisticRegression(features, { l2: 'cross-validate' }); // One against the rest for each label.

await saveModel(model, /*model*/'models/scenes-sapling-features'/**/);
