// Feature extraction: /*base*/leaflet/**/ as a fixed extractor on /*data*/data/topics.csv/**/, a classifier for each label: /*names*/billing, delivery, praise/**/.
import { /*imports*/applications, extractFeatures, logisticRegression, saveModel, textTable/**/ } from 'graftjs';

const data = await textTable(/*source*/'data/topics.csv'/**/, {
  task: 'multi-label',
  /*options*/validation: 0.2,
  seed: 7/**/,
});

const base = await /*expression*/applications.leaflet()/**/;

const features = await extractFeatures(base, data); // Cached: another classifier starts at once.
const model = await logisticRegression(features, { l2: 'cross-validate' }); // One against the rest for each label.

await saveModel(model, /*model*/'models/topics-leaflet-features'/**/);
