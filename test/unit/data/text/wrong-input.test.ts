import assert from 'node:assert/strict';
import { mkdirSync, openSync, ftruncateSync, closeSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { findTexts } from '../../../../src/runtime/data/text/detect.js';
import { textData, textFolder, textTable } from '../../../../src/runtime/data/text/readers.js';
import { failure } from '../../../support/failure.js';
import { temporaryFolder } from '../../../support/pictures.js';

const good = ['text,label', 'Where is it?,ask', 'I want two,buy', 'Who are you?,ask', 'One pot please,buy', ''].join(
  '\n',
);

interface Wrong {
  readonly what: string;
  readonly content: string | Uint8Array;
  readonly options?: Parameters<typeof textTable>[1];
  readonly says: RegExp;
  readonly action: RegExp;
}
const wrong: readonly Wrong[] = [
  {
    what: 'a line with more cells than columns',
    content: good.replace('I want two', 'I want two, please'),
    says: /t\.csv, line 3 has 3 cells, the table has 2 columns/,
    action: /Put quotes around what holds a comma/,
  },
  {
    what: 'a column that is not there',
    content: good.replace('text', 'message'),
    options: { columns: { text: 'mesage' } },
    says: /t\.csv has no column mesage \(text\): it has message, label\./,
    action: /Did you mean message\?/,
  },
  {
    what: 'one label only',
    content: good.replaceAll(',buy', ',ask'),
    says: /has only one class: ask\. There is nothing to tell apart/,
    action: /a line "text,label" for each text/,
  },
  {
    what: 'a line without a label',
    content: good.replace('two,buy', 'two,'),
    says: /t\.csv, line 3, column label is empty: "I want two" has no label/,
    action: /Fill it in/,
  },
  { what: 'an empty file', content: '', says: /t\.csv is empty/, action: /a text in each line/ },
  { what: 'blank lines', content: ' \n\n \r\n', says: /t\.csv is empty/, action: /a text in each line/ },
  { what: 'a header alone', content: 'text,label\n', says: /t\.csv holds no texts/, action: /Add a line/ },
  {
    what: 'one column',
    content: 'hello\nworld\n',
    says: /has one column: none of tab, comma/,
    action: /column of labels/,
  },
  {
    what: 'nothing but empty texts',
    content: 'text,label\n,ask\n ,buy\n',
    says: /no texts in .* that can be used\. 2 lines were skipped\. The first, t\.csv#2: the text is empty/,
    action: /text,label/,
  },
  {
    what: 'a binary file',
    content: Buffer.from([1, 2, 0, 0, 0, 7, 9, 200, 0]),
    says: /t\.csv is a binary file, not a file of texts/,
    action: /CSV, TSV or JSON Lines/,
  },
  {
    what: 'a Parquet file',
    content: Buffer.concat([Buffer.from('PAR1'), Buffer.alloc(40)]),
    says: /t\.csv is a Parquet file/,
    action: /CSV, TSV or JSON Lines/,
  },
  {
    what: 'a picture',
    content: Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'),
    says: /t\.csv is a picture, not a file of texts/,
    action: /CSV/,
  },
  {
    what: 'a table of pictures',
    content: 'path,label\ncats/1.jpg,cat\ncats/2.jpg,cat\ndogs/1.jpg,dog\ndogs/2.jpg,dog\n',
    says: /t\.csv is a table of pictures: its column path holds names of files, cats\/1\.jpg for instance/,
    action: /imageCsv/,
  },
  {
    what: 'a quote that is never closed',
    content: good.replace('I want two', '"I want two'),
    says: /t\.csv, line 3: a quote is opened and never closed/,
    action: /Close it/,
  },
  {
    what: 'a line that is too long',
    content: `${good}${'la '.repeat(400_000)},ask\n`,
    says: /t\.csv: what begins in line 6 has more than 1048576 characters/,
    action: /each quote that is opened is closed/,
  },
  {
    what: 'a line that is longer than was allowed',
    content: good,
    options: { longest: 12 },
    says: /t\.csv: what begins in line 2 has more than 12 characters/,
    action: /a text in each line/,
  },
  {
    what: 'several numbers and names that say nothing',
    content: 'a,b,c\nsome text,x,1\nmore text,y,2\nother text,z,3\n',
    says: /Which column of .*t\.csv holds the labels\? It has a \(some text\), b \(x\), c \(1\)/,
    action: /textTable\(…, \{ columns: \{ text: 'a', label: 'b' \} \}\)/,
  },
  {
    what: 'several classes in a cell',
    content: good.replace('two,buy', 'two,buy|ask'),
    says: /line 3, column label: "buy\|ask" names several classes, and a text can have one here/,
    action: /If a text may have several, say task: 'multi-label'/,
  },
  {
    what: 'a number that is none',
    content: 'text,stars\ngood,5\nbad,1\nso so,three\nfine,4\n',
    options: { task: 'regression' },
    says: /line 4, column stars: "three" is no number/,
    action: /Write a number/,
  },
  {
    what: 'an encoding that nobody knows',
    content: good,
    options: { encoding: 'utf-81' },
    says: /utf-81 is no encoding that is known here/,
    action: /utf-8/,
  },
  {
    what: 'JSON Lines with a broken line',
    content: '{"text":"a secret","label":"x"}\n{"text":"a secret","label":\n',
    says: /^\S*t\.csv, line 2 is not valid JSON(?!.*secret)/,
    action: /one object in each line/,
  },
  {
    what: 'an array that ends early',
    content: '[{"text":"a","label":"x"},{"text":"b","la',
    says: /ends within its list, after 1 objects/,
    action: /Copy or save it again/,
  },
  {
    what: 'a list of texts',
    content: '["a","b"]',
    says: /t\.csv is JSON without an object in it/,
    action: /each text as an object/,
  },
  {
    what: 'an option that there is not',
    content: good,
    options: { columnss: {} } as Parameters<typeof textTable>[1],
    says: /textTable has no option "columnss"/,
    action: /Did you mean "columns"\?/,
  },
  {
    what: 'a column of pictures among the options',
    content: good,
    options: { columns: { path: 'text' } },
    says: /textTable has no option "columns\.path"/,
    action: /text/,
  },
];
for (const { what, content, options = {}, says, action } of wrong) {
  test(`refused: ${what}`, async () => {
    const file = path.join(temporaryFolder(), 't.csv');
    writeFileSync(file, content);
    const error = await failure(textTable(file, options));
    assert.match(error.message, says);
    assert.match(error.action, action);
  });
}

test('refused at once, in flat memory: a line of 2 GB', async () => {
  const file = path.join(temporaryFolder(), 'long.csv');
  writeFileSync(file, `${good}${' '.repeat(5000)}`);
  const handle = openSync(file, 'r+');
  ftruncateSync(handle, 2 ** 31);
  closeSync(handle);
  const before = process.memoryUsage().rss;
  const error = await failure(textTable(file));
  assert.match(error.message, /long\.csv: what begins in line 6 has more than 1048576 characters/);
  assert.ok(process.memoryUsage().rss - before < 200 << 20, `${(process.memoryUsage().rss - before) >> 20} MB more`);
});

test('refused: a path that is not there, a folder without texts, one of pictures, one file of a kind', async () => {
  const folder = temporaryFolder();
  writeFileSync(path.join(folder, 'letters.csv'), good);
  const lost = await failure(textData(path.join(folder, 'leters.csv')));
  assert.match(lost.message, /There is no file or folder .*leters\.csv/);
  assert.equal(lost.action, `Did you mean ${path.join(folder, 'letters.csv')}?`);
  const inTable = await failure(textFolder(folder));
  assert.match(inTable.message, /There are no folders with texts in/);
  assert.equal(inTable.action, `If the texts are in a table, give that: ${path.join(folder, 'letters.csv')}.`);
  const pictures = temporaryFolder();
  mkdirSync(path.join(pictures, 'a'));
  mkdirSync(path.join(pictures, 'b'));
  writeFileSync(path.join(pictures, 'a/1.jpg'), 'x');
  const drawn = await failure(findTexts(pictures));
  assert.match(drawn.message, /it holds 1 picture\./);
  assert.match(drawn.action, /imageFolder/);
  const regression = await failure(findTexts(pictures, { task: 'regression' }));
  assert.match(regression.message, /says of each text which class it is of, and regression is asked for/);
  const empty = await failure(textFolder(temporaryFolder()));
  assert.match(empty.action, /one folder per class/);
});
