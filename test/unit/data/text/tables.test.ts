import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import type { TableOptions } from '../../../../src/runtime/data/index.js';
import { findTexts } from '../../../../src/runtime/data/text/detect.js';
import { textTable } from '../../../../src/runtime/data/text/readers.js';
import { readTextTable } from '../../../../src/runtime/data/text/table.js';
import { temporaryFolder } from '../../../support/pictures.js';
import { sharedData } from '../../../support/shared-data.js';

function withFile(content: string | Uint8Array, name = 'letters.csv'): string {
  const file = path.join(temporaryFolder(), name);
  writeFileSync(file, content);
  return file;
}

const texts = [
  'Where is my order?',
  'I want ten roses',
  'The pots are broken',
  'Thank you so much',
  'Is it open?',
  'Two, please',
];
const labels = ['ask', 'buy', 'ask', 'buy', 'ask', 'buy'];
const rows = (line: (text: string, label: string, i: number) => string) =>
  texts.map((text, i) => line(text, labels[i] ?? '', i));
const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
const plain = ['text,label', ...rows((text, label) => `${quoted(text)},${label}`), ''].join('\n');
const utf16 = (text: string, big = false) => {
  const bytes = Buffer.from(text, 'utf16le');
  return big ? bytes.swap16() : bytes;
};

interface Readable {
  readonly what: string;
  readonly content: string | Uint8Array;
  readonly name?: string;
  readonly options?: TableOptions;
  readonly texts?: readonly string[];
  readonly ids?: readonly number[];
  /** What must be said. */
  readonly says?: RegExp;
}

const accented = ['Où est ma commande ?', ...texts.slice(1)];
const readable: readonly Readable[] = [
  { what: 'commas', content: plain, ids: [2, 3, 4, 5, 6, 7] },
  { what: 'a file without an end of its last line', content: plain.trimEnd() },
  {
    what: 'a byte order mark, CRLF and blank lines',
    content: `\ufeff${plain.replaceAll('\n', '\r\n\r\n')}`,
    ids: [3, 5, 7, 9, 11, 13],
  },
  {
    what: 'semicolons',
    content: ['text;label', ...rows((text, label) => `${text};${label}`)].join('\n'),
    says: /separated by a semicolon/,
  },
  {
    what: 'tabs, the label first, no header, no extension',
    content: rows((text, label) => `${label}\t${text}`).join('\n'),
    name: 'Collection',
    ids: [1, 2, 3, 4, 5, 6],
    says: /no line of column names.*column 2 = text, column 1 = label/s,
  },
  {
    what: 'tabs, and quotes that are characters',
    content: rows((text, label, i) => `${label}\t${i === 1 ? `"${text}` : i === 2 ? `${text}"` : text}`).join('\n'),
    texts: texts.map((text, i) => (i === 1 ? `"${text}` : i === 2 ? `${text}"` : text)),
  },
  {
    what: 'tabs, a quote that never closes',
    content: rows((text, label, i) => `${label}\t${i === 4 ? `"${text}` : text}`).join('\n'),
    texts: texts.map((text, i) => (i === 4 ? `"${text}` : text)),
  },
  {
    what: 'line ends, quotes and separators within quotes',
    content: ['text,label', ...rows((text, label) => `${quoted(`${text}\r\nSee "our" shop, please`)},${label}`)].join(
      '\r\n',
    ),
    texts: texts.map((text) => `${text} See "our" shop, please`),
    ids: [2, 4, 6, 8, 10, 12],
  },
  {
    what: 'quotes within a cell that has none around it',
    content: ['text,label', ...rows((text, label, i) => `${i === 0 ? 'a 5" pot' : quoted(text)},${label}`)].join('\n'),
    texts: ['a 5" pot', ...texts.slice(1)],
  },
  {
    what: 'JSON Lines',
    content: rows((text, label) => JSON.stringify({ id: 7, text, label })).join('\n'),
    name: 'data.txt',
    ids: [1, 2, 3, 4, 5, 6],
  },
  {
    what: 'an array in JSON, of lines',
    content: JSON.stringify(
      rows((text, label) => JSON.stringify({ label, text, meta: { a: ['}', ']'] } })).map(
        (one) => JSON.parse(one) as unknown,
      ),
      null,
      2,
    ),
    ids: [1, 2, 3, 4, 5, 6],
  },
  { what: 'UTF-16 with a mark', content: utf16(`\ufeff${plain}`), says: /utf-16le/ },
  { what: 'UTF-16, the other way round', content: utf16(`\ufeff${plain}`, true), says: /utf-16be/ },
  {
    what: 'Latin-1',
    content: Buffer.from(plain.replace(texts[0] ?? '', accented[0] ?? ''), 'latin1'),
    texts: accented,
    says: /is not UTF-8 and is read as windows-1252: "Où"/,
  },
  {
    what: 'an encoding that is given',
    content: Buffer.from(plain.replace(texts[0] ?? '', accented[0] ?? ''), 'latin1'),
    options: { encoding: 'windows-1252' },
    texts: accented,
  },
  {
    what: 'usual names among others',
    content: ['id,title,message,intent', ...rows((text, label, i) => `${i},t,${quoted(text)},${label}`)].join('\n'),
    says: /message = text, intent = label/,
  },
  {
    what: 'names that say nothing: the longest is the text, what comes again is the label',
    content: ['a,b,c', ...rows((text, label, i) => `${i}${i},${label},${quoted(text)}`)].join('\n'),
    says: /c = text, b = label/,
  },
  {
    what: 'columns that are given by number',
    content: rows((text, label) => `${label},x,${quoted(text)}`).join('\n'),
    options: { columns: { text: 3, label: 1 } },
  },
  {
    what: 'white space and composed letters',
    content: ['text,label', ...rows((text, label) => `${quoted(`  ${text}  \t cafe\u0301 `)},${label}`)].join('\n'),
    texts: texts.map((text) => `${text} café`),
  },
];
for (const { what, content, name, options = {}, texts: wanted = texts, ids, says } of readable) {
  test(`read: ${what}`, async () => {
    const file = withFile(content, name);
    const { found, notes, skipped, warnings } = await readTextTable(file, options);
    assert.deepEqual(
      found.map(({ source, label }) => [source.text, label]),
      wanted.map((text, i) => [text, labels[i]]),
    );
    assert.equal(new Set(found.map(({ id }) => id)).size, texts.length);
    if (ids !== undefined)
      assert.deepEqual(
        found.map(({ id }) => id),
        ids.map((line) => `${path.basename(file)}#${line}`),
      );
    if (says !== undefined) assert.match(notes.join('\n'), says);
    assert.deepEqual([skipped, warnings], [[], []]);
  });
}

test('records come out the same wherever the file is cut into pieces', async () => {
  const { SeparatedReader } = await import('../../../../src/runtime/data/text/separated.js');
  const { JsonArrayReader } = await import('../../../../src/runtime/data/text/json-records.js');
  const csv = 'a,b\r\n"x\ny",""""\n\n,"q ""r"" s"\n5" pot,z\n"stray "in" it",w';
  const json = '[ {"a": "x}\\"]", "b": [1, {"c": "["}]} ,\n {"a":"\\\\"},{}]\n';
  const whole = (reader: { take(piece: string): unknown[]; end(): unknown[] }, text: string, cut: number) => {
    const found = [...reader.take(text.slice(0, cut))];
    for (const one of text.slice(cut)) found.push(...reader.take(one));
    return [...found, ...reader.end()];
  };
  const wanted = [
    { line: 1, cells: ['a', 'b'] },
    { line: 2, cells: ['x\ny', '"'] },
    { line: 5, cells: ['', 'q "r" s'] },
    { line: 6, cells: ['5" pot', 'z'] },
    { line: 7, cells: ['stray "in" it', 'w'] },
  ];
  for (let cut = 0; cut <= csv.length; cut++)
    assert.deepEqual(whole(new SeparatedReader('f', ','), csv, cut), wanted, `cut at ${cut}`);
  const objects = [
    { line: 1, value: { a: 'x}"]', b: [1, { c: '[' }] } },
    { line: 2, value: { a: '\\' } },
    { line: 3, value: {} },
  ];
  for (let cut = 0; cut <= json.length; cut++)
    assert.deepEqual(whole(new JsonArrayReader('f'), json, cut), objects, `cut at ${cut}`);
});

test('several labels, in one cell, in a list and in columns of their own', async () => {
  const sets = ['late|broken', '', 'late', 'broken', 'late|broken', 'late'];
  const cell = withFile(['text,labels', ...rows((text, _, i) => `${quoted(text)},${sets[i] ?? ''}`)].join('\n'));
  const list = withFile(
    rows((text, _, i) => JSON.stringify({ text, labels: (sets[i] ?? '').split('|').filter(Boolean) })).join('\n'),
  );
  const flag = (i: number, name: string) => Number((sets[i] ?? '').includes(name));
  const columns = withFile(
    ['text,late,broken', ...rows((text, _, i) => `${quoted(text)},${flag(i, 'late')},${flag(i, 'broken')}`)].join('\n'),
  );
  for (const file of [cell, list, columns]) {
    const { found } = await readTextTable(file, { task: 'multi-label' });
    assert.deepEqual(
      found.map(({ label }) => label),
      ['broken|late', '', 'late', 'broken', 'broken|late', 'late'],
    );
  }
});

test('numbers, and a column for each class', async () => {
  const numbers = withFile(['text,stars,day', ...rows((text, _, i) => `${quoted(text)},"${i},5",Monday`)].join('\n'));
  const { found, names, notes } = await readTextTable(numbers, { task: 'regression' });
  assert.deepEqual([names, found.map(({ label }) => label)], [['stars'], ['0.5', '1.5', '2.5', '3.5', '4.5', '5.5']]);
  assert.match(notes.join(), /text = text, stars = number/);
  const classes = withFile(
    [
      'text,ask,buy',
      ...rows((text, label) => `${quoted(text)},${Number(label === 'ask')},${Number(label === 'buy')}`),
    ].join('\n'),
  );
  assert.deepEqual(
    (await readTextTable(classes)).found.map(({ label }) => label),
    labels,
  );
});

test('a table that brings its split and its groups', async () => {
  const sides = ['train', 'train', 'dev', 'dev', 'test', 'test'];
  const file = withFile(
    [
      'text,label,split,speaker',
      ...rows((text, label, i) => `${quoted(text)},${label},${sides[i] ?? ''},s${i >> 1}`),
    ].join('\n'),
  );
  const data = await textTable(file);
  assert.deepEqual([data.train.length, data.validation.length, data.test.length], [2, 2, 2]);
  assert.equal(data.groups?.get('letters.csv#4'), 's1');
});

test('empty texts are left out with a reason, and those without a word are told of', async () => {
  const file = withFile(
    ['text,label', ...rows((text, label, i) => `${i === 2 ? ' ' : i === 3 ? ':-)' : quoted(text)},${label}`)].join(
      '\n',
    ),
  );
  const { found, skipped, warnings } = await readTextTable(file);
  assert.equal(found.length, 5);
  assert.deepEqual(skipped, [{ file: 'letters.csv#4', reason: 'the text is empty' }]);
  assert.deepEqual(warnings, ['1 text has neither a letter nor a digit, letters.csv#5 for instance: ":-)".']);
});

test('lines with bytes that are no UTF-8 are left out, and told of', async () => {
  const all = ['text,label', ...rows((text, label) => `${quoted(`${text} é`)},${label}`)].join('\n');
  const bytes = Buffer.from(all);
  bytes[bytes.indexOf('ten roses')] = 0xff;
  const { found, skipped, warnings } = await readTextTable(withFile(bytes));
  assert.deepEqual(
    found.map(({ source }) => source.text),
    texts.filter((_, i) => i !== 1).map((text) => `${text} é`),
  );
  assert.deepEqual(skipped, [{ file: 'letters.csv#3', reason: 'holds bytes that are no characters of its encoding' }]);
  assert.match(warnings?.join() ?? '', /1 line of letters\.csv holds bytes .* left out/);
});

test('a folder with a table for each side, and with one', async () => {
  const folder = temporaryFolder();
  writeFileSync(path.join(folder, 'train.csv'), plain);
  const one = await findTexts(folder);
  assert.match(one.notes[0] ?? '', /The texts of .* are in train\.csv/);
  writeFileSync(path.join(folder, 'test.csv'), plain.replaceAll('order', 'parcel'));
  const both = await findTexts(folder);
  assert.deepEqual([both.found.length, both.test?.length, both.validation], [6, 6, undefined]);
  assert.match(both.notes[0] ?? '', /train\.csv is taken for train, test\.csv is taken for test/);
});

const spam = sharedData('sms-spam/SMSSpamCollection');
test('the messages of sms-spam', spam.options, async () => {
  const data = await textTable(spam.path, { seed: 1 });
  // 5,574 lines, as its README says, of which so many are different in their normal form.
  const { report } = data;
  assert.deepEqual(data.classes, ['ham', 'spam']);
  assert.equal(data.train.length + data.validation.length, 5160);
  assert.equal(
    report.duplicates.reduce((sum, { ids }) => sum + ids.length - 1, 0),
    5574 - 5160,
  );
  const side = new Map([
    ...data.train.map(({ id }) => [id, 0] as const),
    ...data.validation.map(({ id }) => [id, 1] as const),
  ]);
  assert.ok(report.nearDuplicates.length > 50);
  for (const { ids } of report.nearDuplicates) assert.equal(new Set(ids.map((id) => side.get(id))).size, 1);
});
