// Says what a text is: node THIS_FILE TEXT
// Needs: npm install onnxruntime-node @huggingface/tokenizers
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { Tokenizer } from '@huggingface/tokenizers';
import { InferenceSession, Tensor } from 'onnxruntime-node';

const classes = ['classes'];
const beside = (name) => fileURLToPath(new URL(encodeURIComponent(name), import.meta.url));
const model = await InferenceSession.create(beside('model.onnx'));
const tokenizer = new Tokenizer(JSON.parse(readFileSync(beside('tokenizer.json'), 'utf8')), {});

// [1, length]: the tokens of one text, nothing filled up; of a longer one the beginning, and the special tokens after it.
const [longest, after] = ['longest', 'after'];
const all = tokenizer.encode(process.argv[2]).ids;
const kept = all.length > longest ? [...all.slice(0, longest - after), ...all.slice(all.length - after)] : all;
const ids = new Tensor('int32', Int32Array.from(kept), [1, kept.length]);
// [classification]
const { probabilities } = await model.run({ ids });
const found = classes.map((name, i) => ({ name, probability: probabilities.data[i] }));
for (const { name, probability } of found.sort((a, b) => b.probability - a.probability))
  console.log(`${probability.toFixed(6)} ${name}`);
// [multi-label]
const thresholds = ['thresholds'];
const { probabilities: given } = await model.run({ ids });
const labels = classes.map((name, i) => ({ name, probability: given.data[i], isSaid: given.data[i] >= thresholds[i] }));
for (const { name, probability, isSaid } of labels.sort((a, b) => b.probability - a.probability))
  console.log(`${probability.toFixed(6)} ${name}${isSaid ? ' *' : ''}`);
// [regression]
const { numbers } = await model.run({ ids });
for (const [i, name] of classes.entries()) console.log(`${Number(numbers.data[i].toPrecision(6))} ${name}`);
// [end]
