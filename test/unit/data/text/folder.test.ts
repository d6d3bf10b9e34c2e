import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { textFolder } from '../../../../src/runtime/data/text/readers.js';
import { readTextFolder } from '../../../../src/runtime/data/text/folder.js';
import { failure } from '../../../support/failure.js';
import { temporaryFolder } from '../../../support/pictures.js';

function folderOf(files: Readonly<Record<string, string | Uint8Array>>): string {
  const folder = temporaryFolder();
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), content);
  }
  return folder;
}

test('a folder per class of .txt, .md and files without an extension', async () => {
  const folder = folderOf({
    'ask/1.txt': '\ufeffWhere is\r\nmy order?',
    'ask/deep/2.md': '# Hello\n\nwho are you',
    'ask/10342': 'Is it open?',
    'buy/1.txt': Buffer.from('Une bougie dorée', 'latin1'),
    'buy/2.TXT': Buffer.from('\ufeffTwo pots', 'utf16le'),
    'buy/empty.txt': ' \n',
    'buy/wrong.txt': Buffer.concat([Buffer.from('Über größere Äpfel '), Buffer.from([0xff])]),
    'buy/archive.txt': Buffer.from([0x50, 0x4b, 3, 4, 0, 0]),
    'buy/photo.jpg': 'x',
    'buy/.hidden.txt': 'x',
  });
  const { found, skipped, notes } = await readTextFolder(folder);
  assert.deepEqual(
    found.map(({ id, label, source }) => [id, label, source.text]),
    [
      ['ask/1.txt', 'ask', 'Where is my order?'],
      ['ask/10342', 'ask', 'Is it open?'],
      ['ask/deep/2.md', 'ask', '# Hello who are you'],
      ['buy/1.txt', 'buy', 'Une bougie dorée'],
      ['buy/2.TXT', 'buy', 'Two pots'],
    ],
  );
  assert.deepEqual(skipped.map(({ file }) => file).sort(), ['buy/archive.txt', 'buy/empty.txt', 'buy/wrong.txt']);
  assert.match(
    skipped.map(({ reason }) => reason).join(),
    /zip archive.*is empty.*UTF-8 with bytes in it that are none/,
  );
  assert.match(
    notes.join('\n'),
    /1 text is not UTF-8 and read as windows-1252: buy\/1\.txt.*\n1 file beside the texts: 1 jpg/,
  );
});

test('folders for training, validation and the test', async () => {
  const files = Object.fromEntries(
    ['train', 'valid', 'test'].flatMap((side) =>
      ['a', 'b'].flatMap((name) =>
        [1, 2].map((i) => [`${side}/${name}/${i}.txt`, `${side} ${name} is number ${i} of ${name}${name}`]),
      ),
    ),
  );
  const data = await textFolder(folderOf(files), { nearDuplicates: false });
  assert.deepEqual(
    [data.train, data.validation, data.test].map((side) => side.map(({ id }) => id)),
    ['train', 'validation', 'test'].map((side) => ['a/1', 'a/2', 'b/1', 'b/2'].map((name) => `${side}/${name}.txt`)),
  );
  assert.deepEqual(data.report.lengths, { min: 24, median: 25, max: 25 });
});

test('the same text in two classes is left out, and one class cannot be told apart', async () => {
  const files = {
    'a/1.txt': 'one',
    'a/2.txt': 'two of it',
    'a/3.txt': 'three',
    'b/1.txt': 'one',
    'b/2.txt': 'four',
    'b/3.txt': 'five',
  };
  const { report } = await textFolder(folderOf(files));
  assert.deepEqual(
    report.skipped.map(({ file, reason }) => [file, reason]),
    [
      ['a/1.txt', 'the same text is in several classes: a, b'],
      ['b/1.txt', 'the same text is in several classes: a, b'],
    ],
  );
  const only = await failure(textFolder(folderOf({ 'a/1.txt': 'one', 'a/2.txt': 'two' })));
  assert.match(only.message, /has only one class: a/);
  assert.match(only.action, /data\/cats\/1\.txt/);
});
