import assert from 'node:assert/strict';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { imageCsv, imageData, summarizeData, type TableOptions } from '../../../src/runtime/data/index.js';
import { checkLabels } from '../../../src/runtime/data/labels.js';
import { failure } from '../../support/failure.js';
import { pictureFolder, temporaryFolder } from '../../support/pictures.js';

const options = { size: [16, 16], seed: 3 } as const;
const numbers = [0, 1, 2, 3];

/** Four pictures each in the folders cats and dogs, and a table beside them. */
async function withTable(content: string | Uint8Array, name = 'labels.csv'): Promise<string> {
  const folder = await pictureFolder(['cats', 'dogs'], 4);
  const file = path.join(folder, name);
  writeFileSync(file, content);
  return file;
}

/** A line for each picture. */
const lines = (line: (folder: string, i: number) => string) =>
  ['cats', 'dogs'].flatMap((folder) => numbers.map((i) => line(folder, i)));
const table = (head: string, line: (folder: string, i: number) => string) => [head, ...lines(line), ''].join('\n');

interface Readable {
  readonly what: string;
  readonly content: string | Uint8Array;
  readonly options?: TableOptions;
  readonly classes?: readonly string[];
  /** What must be said. */
  readonly says?: RegExp;
}

const plain = table('path,label', (folder, i) => `${folder}/${i}.png,${folder}`);
const utf16 = (text: string, big = false) => {
  const bytes = Buffer.from(text, 'utf16le');
  return big ? bytes.swap16() : bytes;
};
const names = (cat: string, dog: string) =>
  table('path,label', (folder, i) => `${folder}/${i}.png,${folder === 'cats' ? cat : dog}`);
/** In an encoding that has А at `first` and the other letters after it, as they follow in Unicode. */
const cyrillic = (text: string, first: number) =>
  Buffer.from(
    Array.from(text, (letter) => letter.charCodeAt(0)).map((code) => (code < 0x80 ? code : code - 0x410 + first)),
  );
const readable: readonly Readable[] = [
  { what: 'commas', content: plain },
  { what: 'a byte order mark, CRLF and blank lines', content: `\ufeff${plain.replaceAll('\n', '\r\n\r\n')}` },
  { what: 'semicolons', content: plain.replaceAll(',', ';'), says: /separated by a semicolon/ },
  { what: 'tabs', content: plain.replaceAll(',', '\t'), says: /separated by a tab/ },
  { what: 'bars', content: plain.replaceAll(',', '|'), says: /separated by a bar/ },
  {
    what: 'tabs, with commas in the labels',
    content: names('red, mostly', 'blue').replaceAll('.png,', '.png\t').replace('path,', 'path\t'),
    classes: ['blue', 'red, mostly'],
    says: /separated by a tab/,
  },
  {
    what: 'a column for each class',
    content: table('filename,cats,dogs', (folder, i) => `${folder}/${i}.png,${folder === 'cats' ? '1,0' : '0,1'}`),
    says: /labels\.csv has a column for each class: cats, dogs\./,
  },
  {
    what: 'filename and class',
    content: plain.replace('path,label', 'filename,class'),
    says: /filename = picture, class = label/,
  },
  {
    what: 'image_id and breed',
    content: plain.replace('path,label', 'image_id,breed'),
    says: /image_id = picture, breed = label/,
  },
  {
    what: 'Image File and Species',
    content: plain.replace('path,label', 'Image File,Species'),
    says: /Species = label/,
  },
  { what: 'names that say nothing', content: plain.replace('path,label', 'a,b'), says: /a = picture, b = label/ },
  {
    what: 'more columns than two',
    content: table('id,width,breed,file', (folder, i) => `${i},24,${folder},${folder}/${i}.png`),
    says: /file = picture, breed = label/,
  },
  {
    what: 'columns that are given',
    content: table('one,two,three', (folder, i) => `${folder}/${i}.png,x${i},${folder}`),
    options: { columns: { label: 'three' } },
    says: /one = picture, three = label/,
  },
  { what: 'no line of names', content: plain.split('\n').slice(1).join('\n'), says: /no line of column names/ },
  {
    what: 'no line of names, columns by number',
    content: lines((folder, i) => `${i},${folder}/${i}.png,${folder}`).join('\n'),
    options: { columns: { path: 2, label: 3 } },
    says: /column 2 = picture, column 3 = label/,
  },
  { what: 'backslashes', content: table('path,label', (folder, i) => `${folder}\\${i}.png,${folder}`) },
  { what: 'names without extension', content: table('path,label', (folder, i) => `${folder}/${i},${folder}`) },
  { what: 'spaces around', content: plain.replaceAll(',', ' ,  ') },
  {
    what: 'quoted labels with spaces',
    content: table('path,label', (folder, i) => `${folder}/${i}.png," ${folder} "`),
  },
  {
    what: 'labels that differ by case',
    content: table('path,label', (folder, i) => `${folder}/${i}.png,${i === 0 ? folder.toUpperCase() : folder}`),
    says: /"cats" \(3\) and "CATS" \(1\) are taken as one class, cats/,
  },
  { what: 'single letters in both cases', content: names('A', 'a'), classes: ['A', 'a'] },
  { what: 'whole numbers', content: names('0', '1'), classes: ['0', '1'] },
  { what: 'a bar in no label, a semicolon in one', content: names('a;b', 'c'), classes: ['a;b', 'c'] },
  { what: 'UTF-16', content: utf16(`\ufeff${names('кот', 'пёс')}`), classes: ['кот', 'пёс'], says: /utf-16le/ },
  { what: 'UTF-16 without a mark', content: utf16(names('Rüde', 'Katze'), true), classes: ['Katze', 'Rüde'] },
  {
    what: 'Latin-1',
    content: Buffer.from(names('Rüde', 'Röde'), 'latin1'),
    classes: ['Röde', 'Rüde'],
    says: /not UTF-8 and is read as windows-1252: "Rüde"/,
  },
  {
    what: 'Windows-1252 beyond Latin-1',
    content: Buffer.from(names('Škoda', 'dog').replace(/Š/g, '\x8a'), 'latin1'),
    classes: ['dog', 'Škoda'],
  },
  {
    what: 'Windows-1251',
    content: cyrillic(names('кот', 'птица'), 0xc0),
    classes: ['кот', 'птица'],
    says: /windows-1251/,
  },
  {
    what: 'an encoding that is given',
    content: cyrillic(names('кот', 'птица'), 0xb0),
    options: { encoding: 'iso-8859-5' },
    classes: ['кот', 'птица'],
  },
];

for (const { what, content, options: given = {}, classes = ['cats', 'dogs'], says } of readable) {
  test(`a table with ${what} is read`, async () => {
    const file = await withTable(content);
    const data = await imageCsv(file, { ...options, ...given });
    assert.deepEqual(data.classes, classes);
    assert.deepEqual([data.train.length, data.validation.length], [6, 2]);
    const said = data.report.notes.join('\n');
    if (says === undefined) assert.doesNotMatch(said, /taken|columns/);
    else assert.match(said, says);
    const summary = await summarizeData(file, given);
    assert.deepEqual(summary.classes.map(({ name }) => name).sort(), classes);
    assert.deepEqual(summary.notes, data.report.notes);
  });
}

const refused: readonly {
  readonly what: string;
  readonly content: string;
  readonly message: RegExp;
  readonly action: RegExp;
}[] = [
  {
    what: 'an empty label',
    content: plain.replace('cats/2.png,cats', 'cats/2.png,'),
    message: /line 4, column label is empty/,
    action: /Fill it in/,
  },
  {
    what: 'an unquoted comma in a label',
    content: plain.replace('cats/2.png,cats', 'cats/2.png,red, mostly'),
    message: /line 4 has 3 cells, the table has 2 columns/,
    action: /quotes around what holds a comma/,
  },
  {
    what: 'columns that nobody can tell apart',
    content: table('a,b,c', (folder, i) => `${folder}/${i}.png,${folder},x`),
    message: /Which column of .*labels\.csv holds the labels\? It has a \(cats\/0\.png\), b \(cats\), c \(x\)/,
    action: /columns: \{ path: 'a', label: 'b' \}.*--label-column/,
  },
  { what: 'one column', content: 'path\ncats/0.png\n', message: /one column: none of comma/, action: /path,label/ },
  { what: 'nothing in it', content: 'path,label\n', message: /lists no pictures/, action: /Add a line/ },
  {
    what: 'wrong paths',
    content: plain.replaceAll('cats/', 'img/cats/').replaceAll('dogs/', 'img/dogs/'),
    message: /None of the 8 pictures .* is there: the first, img\/cats\/0\.png, was looked for as .*img\/cats\/0\.png/,
    action: /cats\/0\.png is there: take "img\/" away/,
  },
  {
    what: 'pictures that are nowhere',
    content: table('path,label', (folder, i) => `${folder}/no-${i}.png,${folder}`),
    message: /None of the 8 pictures/,
    action: /relative to its folder, and no no-0\.png is below/,
  },
  {
    what: 'addresses',
    content: table('path,label', (folder, i) => `https://example.org/${folder}/${i}.png,${folder}`),
    message: /names pictures by their address/,
    action: /Download them/,
  },
];

for (const { what, content, message, action } of refused) {
  test(`a table with ${what} is refused, in the script and before it is written`, async () => {
    const file = await withTable(content);
    for (const work of [() => imageCsv(file, options), () => summarizeData(file)]) {
      const error = await failure(work());
      assert.match(error.message, message);
      assert.match(error.action, action);
    }
  });
}

const severalLabels: readonly (typeof refused)[number][] = [
  {
    what: 'several classes in a cell',
    content: names('cats|pet', 'dogs|pet'),
    message: /labels\.csv, line 2, column label: "cats\|pet" names several classes/,
    action: /Leave the one that matters/,
  },
  {
    what: 'several classes in a cell, by commas',
    content: table('path,label', (folder, i) => `${folder}/${i}.png,${i === 3 ? '"cats, dogs"' : folder}`),
    message: /line 5, column label: "cats, dogs" names several/,
    action: /Leave the one/,
  },
  {
    what: 'a column for each class, and a picture of two',
    content: table('filename,cats,dogs', (folder, i) => `${folder}/${i}.png,${folder === 'cats' ? '1' : '0'},1`),
    message: /line 2: of the columns cats, dogs, 2 are 1, and a picture has one class here/,
    action: /Leave one 1 in each line/,
  },
];

for (const { what, content, message, action } of severalLabels) {
  test(`a table with ${what} is refused where classes are asked for, and leads to labels where nothing is`, async () => {
    const file = await withTable(content);
    const error = await failure(imageCsv(file, options));
    assert.match(error.message, message);
    assert.match(error.action, action);
    assert.match(error.action, /task: 'multi-label'/);
    assert.equal((await summarizeData(file)).task, 'multi-label');
  });
}

test('measurements are refused where classes are asked for, and lead to numbers where nothing is', async () => {
  const file = await withTable(
    table('path,age', (folder, i) => `${folder}/${i}.png,${i + 0.37}`).replace('age', 'target'),
  );
  const error = await failure(imageCsv(file, options));
  assert.match(
    error.message,
    /line 2, column target: "0\.37" is a measurement: the 8 pictures have 4 different numbers/,
  );
  assert.match(error.action, /task: 'regression'.*name of a class/);
  const { task, numbers } = await summarizeData(file);
  assert.deepEqual([task, numbers], ['regression', [{ name: 'target', min: 0.37, median: 2.37, max: 3.37 }]]);
});

const amounts = (count: number, text: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => ({ label: text(i), line: i + 2 }));
const spoiled: [what: string, labels: ReturnType<typeof amounts>, message: RegExp | undefined][] = [
  [
    'fractions and one NA',
    amounts(12, (i) => (i === 5 ? 'NA' : `${i}.5`)),
    /line 7, column weight: "NA" is no plain number/,
  ],
  ['whole numbers and one that is too large', amounts(30, (i) => (i === 4 ? '1e400' : `${i}`)), /line 6.*"1e400"/],
  ['numbers with a unit', amounts(30, (i) => `${i} %`), /line 2, column weight: "0 %" is no plain number/],
  ['engines, each of several cars', amounts(30, (i) => `${1 + (i % 4) / 5}i`), undefined],
  ['names, one of them a number', amounts(30, (i) => (i === 0 ? '7' : i % 2 === 0 ? 'cat' : 'dog')), undefined],
  ['codes', amounts(30, (i) => `A${i}`), undefined],
];
for (const [what, labels, message] of spoiled) {
  test(`labels that are ${what}: ${message === undefined ? 'classes' : 'the one that is no number is named'}`, () => {
    const check = () => {
      checkLabels('t.csv', 'weight', labels);
    };
    if (message === undefined) check();
    else assert.throws(check, message);
  });
}

test('a column that is not there: the nearest is named', async () => {
  const file = await withTable(plain.replace('label', 'breed'));
  const error = await failure(imageCsv(file, { ...options, columns: { label: 'bread' } }));
  assert.match(error.message, /no column bread \(label\): it has path, breed/);
  assert.match(error.action, /Did you mean breed\?/);
});

test('names alone are looked for in the folders beside the table, that of its name first', async () => {
  const folder = await pictureFolder(['cats', 'dogs'], 4, path.join(temporaryFolder(), 'raw'));
  const directory = path.dirname(folder);
  for (const name of ['train', 'test']) mkdirSync(path.join(directory, name));
  for (const i of numbers) {
    renameSync(path.join(folder, 'cats', `${i}.png`), path.join(directory, 'train', `c${i}.png`));
    renameSync(path.join(folder, 'dogs', `${i}.png`), path.join(directory, 'train', `d${i}.png`));
  }
  await pictureFolder(['.'], 1, path.join(directory, 'test'));
  const file = path.join(directory, 'train.csv');
  writeFileSync(
    file,
    table('image_id,breed', (name, i) => `${name.slice(0, 1)}${i},${name}`),
  );
  const data = await imageCsv(file, options);
  assert.match(data.report.notes.join('\n'), /taken from train\/ \(8\) beside it/);
  assert.ok([...data.train, ...data.validation].every(({ id }) => /^train\/[cd]\d\.png$/.test(id)));
});

test('some pictures that are not there are named with their lines', async () => {
  const data = await imageCsv(await withTable(plain.replace('dogs/1.png', 'dogs/gone.png')), options);
  assert.deepEqual(data.report.skipped, [
    { file: 'dogs/gone.png', reason: 'line 7 of labels.csv names it, and there is no such file' },
  ]);
});

test('a column of the split, and one of groups', async () => {
  const sides = ['train', 'Training', 'valid', 'TEST'];
  const file = await withTable(
    table('path,label,split,patient', (folder, i) => `${folder}/${i}.png,${folder},${sides[i] ?? ''},p${i}`),
  );
  const data = await imageData(file, options);
  const ids = (list: readonly { readonly id: string }[]) => list.map(({ id }) => id);
  assert.deepEqual(ids(data.validation), ['cats/2.png', 'dogs/2.png']);
  assert.deepEqual(ids(data.test), ['cats/3.png', 'dogs/3.png']);
  assert.equal(data.train.length, 4);
  assert.match(data.report.notes.join('\n'), /patient = group, split = split/);
  const wrong = await withTable(
    plain
      .replace('path,label', 'path,label')
      .replaceAll(/,(cats|dogs)$/gm, ',$1,later')
      .replace('label', 'label,when'),
  );
  const error = await failure(imageCsv(wrong, { ...options, columns: { split: 'when' } }));
  assert.match(error.message, /line 2, column when: "later" is no side of a split/);
});

test('a table that has become one class says what it took for what', async () => {
  const error = await failure(imageCsv(await withTable(names('Cats', 'cats').replaceAll(',', ';')), options));
  assert.match(error.message, /only one class: Cats.*separated by a semicolon.*taken as one class/);
  assert.doesNotMatch(error.action, /folder per class/);
  const lonely = plain.split('\n').slice(0, 6).join('\n');
  const few = await failure(imageCsv(await withTable(lonely), options));
  assert.match(few.message, /"dogs".*one usable picture/);
  assert.match(few.action, /take its lines out/);
});
