// Feature extraction: /*base*/leaflet/**/ as a fixed extractor on /*data*/sample/letters.csv/**/, a new classifier on its output.
import { /*imports*/applications, extractFeatures, logisticRegression, saveModel, textTable/**/ } from 'graftjs';

const data = await /*reader*/textTable/**/(/*source*/'sample/letters.csv'/**/, { /*options*/validation: 0.2, seed: 7/**/ });

const base = await /*expression*/applications.leaflet()/**/;

const features = await extractFeatures(base, data); // Cached: another classifier starts at once.
const model = await logisticRegression(features, { l2: 'cross-validate' });

await saveModel(model, /*model*/'models/letters-leaflet-features'/**/);
