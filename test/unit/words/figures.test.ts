import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import type { ClassReport, Figures } from '../../../src/protocol/index.js';
import {
  csv,
  evidence,
  figureTexts,
  intervalsOf,
  numbersOf,
  pairedDifferenceOf,
  pairsOf,
  seenText,
  translator,
  weightOfOne,
  wilson,
} from '../../../src/words/index.js';

interface Golden {
  readonly wilson: readonly { readonly right: number; readonly of: number; readonly interval: [number, number] }[];
  readonly bootstrap: readonly {
    readonly name: string;
    readonly confusion: number[][];
    readonly macroF1: number;
    readonly interval: [number, number];
  }[];
}
const golden = JSON.parse(readFileSync(path.resolve('test/fixtures/figures/golden.json'), 'utf8')) as Golden;
const [t, numbers] = [translator({}), numbersOf('en')];
const close = (value: number, expected: number, most: number) => {
  assert.ok(Math.abs(value - expected) <= most, `${value} is not ${expected}`);
};

for (const { right, of, interval } of golden.wilson) {
  test(`Wilson's interval of ${right} of ${of}, as statsmodels has it`, () => {
    const { low, high } = wilson(right / of, of);
    close(low, interval[0], 1e-9);
    close(high, interval[1], 1e-9);
  });
}

test("Wilson's interval, as published (Newcombe 1998, table I, method 3)", () => {
  for (const [right, of, low, high] of [
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ] as const) {
    close(wilson(right / of, of).low, low, 5e-5);
    close(wilson(right / of, of).high, high, 5e-5);
  }
});

for (const { name, confusion, interval } of golden.bootstrap) {
  test(`macro F1 by bootstrap, as scipy has it: ${name}`, () => {
    const { macroF1 } = intervalsOf(confusion) ?? {};
    close(macroF1?.low ?? NaN, interval[0], 0.012);
    close(macroF1?.high ?? NaN, interval[1], 0.012);
    assert.deepEqual(intervalsOf(confusion)?.macroF1, macroF1, 'the same each time');
  });
}

test('who makes no mistake on ten pictures is not certain to make none', () => {
  const found = intervalsOf([
    [5, 0],
    [0, 5],
  ]);
  assert.equal(found?.accuracy.low.toFixed(4), '0.7225');
  assert.deepEqual(found.macroF1, found.accuracy);
  // 5 of 5: 0.5655 to 1; F1 is 2 J / (1 + J) of it.
  assert.equal(found.perClass[0]?.recall?.low.toFixed(4), '0.5655');
  assert.equal(found.perClass[0].f1?.low.toFixed(4), '0.7225');
});

test('a thousand examples need no interval; none have none', () => {
  assert.notEqual(intervalsOf([[998, 1]]), undefined);
  assert.equal(intervalsOf([[999, 1]]), undefined);
  assert.equal(intervalsOf([[0, 0]]), undefined);
});

test('intervals take no time: 999 examples of 300 classes', () => {
  const confusion = Array.from({ length: 300 }, () => new Array<number>(300).fill(0));
  for (let i = 0; i < 999; i++) (confusion[i % 300] ?? [])[(i * 7) % 300] = 1;
  const start = performance.now();
  intervalsOf(confusion);
  assert.ok(performance.now() - start < 2_000);
});

// Fagerland, Lydersen and Laake (2014), Statistics in Medicine 33, 2850–2875: the data of Cavo et al. and of Bentur et al.
for (const [both, first, second, neither, low, high, digits] of [
  [59, 6, 16, 80, -0.1186, -0.0046, 4],
  [1, 1, 7, 12, -0.507, -0.026, 3],
] as const) {
  test(`the paired interval of a difference, as published: ${both}, ${first}, ${second}, ${neither}`, () => {
    const found = pairedDifferenceOf({ both, first, second, neither });
    assert.equal(found.low.toFixed(digits), low.toFixed(digits));
    assert.equal(found.high.toFixed(digits), high.toFixed(digits));
  });
}

test('pairs: only what both were asked about, and only on the same pictures', () => {
  const a = { data: 'd', correct: '1101-0' };
  assert.deepEqual(pairsOf(a, { data: 'd', correct: '10011-' }), { both: 2, first: 1, second: 0, neither: 1 });
  assert.equal(pairsOf(a, { data: 'e', correct: '100110' }), undefined);
  assert.equal(pairsOf(a, { data: 'd', correct: '1001' }), undefined);
  assert.equal(pairsOf(a, { data: 'd' }), undefined);
});

test('a pair decides where two separate samples cannot, and each says which it is', () => {
  const [one, other] = [
    { accuracy: 0.9, pictures: 100 },
    { accuracy: 0.82, pictures: 100 },
  ];
  assert.equal(evidence(t, numbers, one, other, undefined).verdict, 'unclear');
  const paired = evidence(t, numbers, one, other, { both: 82, first: 8, second: 0, neither: 10 });
  assert.equal(paired.verdict, 'helps');
  assert.match(paired.text, /on the same 100 validation pictures.*8\.0 points more \(paired 95 % interval: /);
  const apart = evidence(t, numbers, one, { accuracy: 0.2, pictures: 100 }, undefined);
  assert.match(apart.text, /95 % interval: .*; unpaired, since nothing says/);
});

const figures = (confusion: number[][], perClass: Partial<ClassReport>[]): Figures<'classification'> => ({
  metrics: { loss: 0.5, accuracy: 5 / 6, macroF1: 7 / 9 },
  perClass: perClass.map((one, i) => ({ name: `c${i}`, precision: 0.5, recall: 0.75, f1: 0.6, support: 3, ...one })),
  confusion,
});

test('figures are shown with their intervals, and macro F1 says over how many classes it is', () => {
  const { accuracy, macroF1, rows, note } = figureTexts(
    t,
    numbers,
    figures(
      [
        [100, 20, 0],
        [5, 25, 0],
        [0, 0, 0],
      ],
      [{ support: 120 }, { support: 30 }, { support: 0 }],
    ),
  );
  assert.equal(accuracy, '83.3 % (76.6–88.4)');
  assert.match(macroF1, /^0\.778 \(0\.6\d\d–0\.8\d\d\) over 2 of 3 classes$/);
  assert.deepEqual(rows[2], ['c2', '50.0 %', '–', '–', '0']);
  assert.match(rows[0]?.[2] ?? '', /^75\.0 % \(\d\d\.\d–\d\d\.\d\)$/);
  assert.equal(note, 'In brackets: 95 % intervals.');
  const many = figureTexts(t, numbers, figures([[1000]], [{}]));
  assert.deepEqual([many.accuracy, many.macroF1, many.note], ['83.3 %', '0.778', undefined]);
});

test('few pictures: what one of them weighs', () => {
  assert.equal(weightOfOne(t, numbers, 10), '10 pictures: one more or less right moves the accuracy by 10 points.');
  assert.equal(weightOfOne(t, numbers, 30), '30 pictures: one more or less right moves the accuracy by 3.3 points.');
  assert.equal(weightOfOne(t, numbers, 1), 'One picture: the accuracy is all or nothing.');
  assert.equal(weightOfOne(t, numbers, 50), undefined);
});

for (const [trained, validated, expected] of [
  [80, 20, 'Of these 100 pictures, the model was trained on 80 and validated on 20.'],
  [80, 0, 'Of these 100 pictures, the model was trained on 80.'],
  [0, 20, 'Of these 100 pictures, the model was validated on 20.'],
  [100, 0, 'The model was trained on all 100 of these pictures: this is no measure of how well it does on others.'],
  [
    0,
    100,
    'The model was validated on all 100 of these pictures: its best state was chosen by them, so others may do worse.',
  ],
  [0, 0, 'None of these pictures were used to train or to validate the model.'],
] as const) {
  test(`what an evaluation says of ${trained} trained and ${validated} validated`, () => {
    assert.equal(seenText(t, numbers, { images: 100, seen: { trained, validated } }), expected);
  });
}

for (const [trained, validated, expected] of [
  [1, 0, 'The model was trained on this picture: this is no measure of how well it does on others.'],
  [0, 1, 'The model was validated on this picture: its best state was chosen by it, so others may do worse.'],
  [0, 0, 'This picture was used neither to train nor to validate the model.'],
] as const) {
  test(`what an evaluation says of one picture: ${expected}`, () => {
    assert.equal(seenText(t, numbers, { images: 1, seen: { trained, validated } }), expected);
  });
}

test('CSV: cells that hold its signs, and what a spreadsheet would calculate', () => {
  assert.equal(
    csv(
      ['a', 'b'],
      [
        ['x,"y"', '=1+1'],
        ['@a', 2],
      ],
    ),
    'a,b\r\n"x,""y""",\'=1+1\r\n\'@a,2\r\n',
  );
});
