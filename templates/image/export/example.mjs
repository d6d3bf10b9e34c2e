// Says what is on a picture: node THIS_FILE PICTURE
// Needs: npm install onnxruntime-node sharp
import { fileURLToPath } from 'node:url';

import { InferenceSession, Tensor } from 'onnxruntime-node';
import sharp from 'sharp';

const classes = ['classes'];
const model = await InferenceSession.create(fileURLToPath(new URL(encodeURIComponent('model.onnx'), import.meta.url)));

const picture = sharp(process.argv[2]).autoOrient().flatten({ background: '#ffffff' }).toColourspace('srgb');
const { data, info } = await picture.removeAlpha().raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
// [1, height, width, 3], 0 … 255, of any size: resizing and preprocessing are inside the model.
const pixels = new Tensor('uint8', data, [1, info.height, info.width, 3]);
// [classification]
const { probabilities } = await model.run({ pixels });
const found = classes.map((name, i) => ({ name, probability: probabilities.data[i] }));
for (const { name, probability } of found.sort((a, b) => b.probability - a.probability))
  console.log(`${probability.toFixed(6)} ${name}`);
// [multi-label]
const thresholds = ['thresholds'];
const { probabilities: given } = await model.run({ pixels });
const labels = classes.map((name, i) => ({ name, probability: given.data[i], isSaid: given.data[i] >= thresholds[i] }));
for (const { name, probability, isSaid } of labels.sort((a, b) => b.probability - a.probability))
  console.log(`${probability.toFixed(6)} ${name}${isSaid ? ' *' : ''}`);
// [regression]
const { numbers } = await model.run({ pixels });
for (const [i, name] of classes.entries()) console.log(`${Number(numbers.data[i].toPrecision(6))} ${name}`);
// [end]
