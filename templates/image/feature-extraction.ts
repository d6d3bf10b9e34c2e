// Feature extraction: /*base*/sapling/**/ as a fixed extractor on /*data*/sample/garden/**/, a new classifier on its output.
import { /*imports*/applications, extractFeatures, imageFolder, logisticRegression, saveModel/**/ } from 'graftjs';

const data = await /*reader*/imageFolder/**/(/*source*/'sample/garden'/**/, { size: /*size*/[128, 128]/**/, /*options*/validation: 0.2, seed: 7/**/ });

const base = await /*expression*/applications.sapling()/**/;

const features = await extractFeatures(base, data); // Cached: another classifier starts at once.
const model = await logisticRegression(features, { l2: 'cross-validate' });

await saveModel(model, /*model*/'models/garden-sapling-features'/**/);
