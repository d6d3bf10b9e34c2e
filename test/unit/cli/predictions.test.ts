import assert from 'node:assert/strict';
import { test } from 'node:test';

import { predictionsCsv, predictionsTable } from '../../../src/runtime/cli/predictions.js';
import { Budget } from '../../../src/runtime/process/console.js';

const classes = [
  { name: 'a very long name of a class', probability: 0.9 },
  { name: 'b, "quoted"', probability: 0.09 },
  { name: 'c', probability: 0.01 },
];
const predictions = [
  { file: '/a/long/way/to/a/folder/of/pictures/one.jpg', classes },
  { file: 'two.jpg', error: 'two.jpg is broken.' },
];

for (const columns of [40, 80, 120]) {
  test(`predictions fit a terminal of ${columns} columns`, () => {
    const { text } = predictionsTable(predictions, { isTerminal: true, columns });
    const widths = text.split('\n').map(({ length }) => length);
    assert.ok(Math.max(...widths) <= columns, text);
    assert.match(text, /one\.jpg {2}/);
  });
}

test('elsewhere nothing is cut', () => {
  const { text } = predictionsTable(predictions, { isTerminal: false, columns: 80 });
  assert.match(text, /\/a\/long\/way\/to\/a\/folder\/of\/pictures\/one\.jpg {2}a very long name of a class 90\.0 %/);
});

test('predictions as a table for other programs', () => {
  assert.equal(
    predictionsCsv(predictions),
    [
      'file,class,a very long name of a class,"b, ""quoted""",c,error',
      '/a/long/way/to/a/folder/of/pictures/one.jpg,a very long name of a class,0.9,0.09,0.01,',
      'two.jpg,,,,,two.jpg is broken.',
      '',
    ].join('\r\n'),
  );
});

test('a script that says too much is counted, second by second', () => {
  const budget = new Budget();
  const taken = (now: number, count: number) =>
    Array.from({ length: count }, () => budget.take(now)).filter(Boolean).length;
  assert.deepEqual([taken(0, 150), budget.takeLeft(), taken(1_000, 150), budget.takeLeft()], [100, 50, 100, 50]);
  let total = 200;
  for (let second = 2; second < 100; second++) total += taken(second * 1000, 100);
  assert.equal(total, 5_000);
});
