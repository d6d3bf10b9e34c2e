// Feature extraction: sapling as a fixed extractor on sample/garden, a new classifier on its output.
import { applications, extractFeatures, imageFolder, logisticRegression, saveModel } from 'graftjs';

const data = await imageFolder('sample/garden', { size: [128, 128], validation: 0.2, seed: 7 });

const base = await applications.sapling();

const features = await extractFeatures(base, data); // Cached: another classifier starts at once.
const model = await logisticRegression(features, { l2: 'cross-validate' });

await saveModel(model, 'models/garden');
