/** What the editor tries a model of texts on: typed texts, text files and tables, each with the tokens that the model was given. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { textKind } from '../../../src/runtime/data/text/kind.js';
import { openModel } from '../../../src/runtime/export/open-model.js';
import { mostOfTable, predictTried } from '../../../src/runtime/export/predict-tried.js';
import { saveTrained } from '../../../src/runtime/export/saved-model.js';
import { tf } from '../../../src/runtime/tf.js';
import { temporaryFolder } from '../../support/pictures.js';
import { tinyBase, tinyTokenizer } from '../../support/texts.js';

test('typed texts, files and tables are answered in that order; what cannot be read says why', async () => {
  const place = temporaryFolder();
  const folder = path.join(place, 'model');
  const tokenizer = tinyTokenizer(32);
  const { inputs, outputs } = tinyBase(tokenizer);
  const dense = tf.layers.dense({ units: 2, activation: 'softmax' });
  const model = tf.model({ inputs, outputs: dense.apply(outputs) as tf.SymbolicTensor });
  await saveTrained(
    {
      ...{ kind: textKind, tokenizer, model, classes: ['order', 'thanks'], preprocessing: 'none' },
      ...{ technique: 'feature-extraction', base: { name: 'tiny', hash: '' }, run: 'r', dataHash: '', seed: 1 },
      metrics: { accuracy: 1, loss: 0, macroF1: 1 },
    },
    folder,
  );
  const [one, table, gone] = ['one.txt', 'many.csv', 'gone.txt'].map((name) => path.join(place, name));
  assert.ok(one !== undefined && table !== undefined && gone !== undefined);
  writeFileSync(one, 'thank you');
  const rows = Array.from({ length: mostOfTable + 5 }, (_, i) => `please send seeds,${i}`);
  writeFileSync(table, ['text,number', ...rows].join('\n'));
  const opened = await openModel(folder);
  try {
    const said = await predictTried(opened, { texts: ['When, please?', ' '], files: [one, gone, table] });
    assert.deepEqual(
      said.slice(0, 5).map(({ file }) => file),
      ['', '', 'one.txt', gone, 'many.csv#2'],
    );
    assert.equal(said.length, 4 + mostOfTable);
    assert.deepEqual(said[0]?.tokens, tokenizer.tokens('When, please?'));
    assert.equal(said[0]?.classes?.length, 2);
    assert.equal(said[1]?.error, 'The text is empty. Give a text.');
    assert.match(said[3]?.error ?? '', /gone\.txt/);
  } finally {
    await opened.close();
  }
});
