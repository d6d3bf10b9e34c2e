import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { rateInScript, rateLiteral } from '../../../src/extension/rate-in-script.js';
import { scriptLenses } from '../../../src/extension/lenses/text.js';

const cases: [text: string, found: string | undefined][] = [
  ['fit(model, data, { epochs: 3, learningRate: 1e-3 })', '1e-3'],
  ['fit(model, data, { learningRate: 0.01, epochs: 3 })', '0.01'],
  ['fit(model, data, { learningRate: cosine({ peak: 3e-3, warmup: 0.1 }) })', '3e-3'],
  ['fit(model, data, { learningRate: step({ warmup: 0.1,\n  peak: .5 }) })', '.5'],
  ['fit(model, data, { epochs: 3 })', undefined],
  ['fit(model, data, { learningRate: rate })', undefined],
  ['fit(a, b, { learningRate: 1e-3 }); fit(c, d, { learningRate: 1e-4 })', undefined],
  ['fit(model, data, { learningRateMultipliers: { dense: 2 } })', undefined],
];
for (const [text, found] of cases) {
  test(`the learning rate of a script: ${text}`, () => {
    const place = rateInScript(text);
    assert.equal(place && text.slice(place.start, place.end), found);
  });
}

test('the script that scaffolding writes has a place for it', () => {
  const text = readFileSync('templates/image/fine-tune.ts', 'utf8');
  const place = rateInScript(text);
  assert.ok(place !== undefined);
  const edited = `${text.slice(0, place.start)}${rateLiteral(0.0061)}${text.slice(place.end)}`;
  assert.match(edited, /cosine\(\{ peak: 6\.1e-3, warmup/);
  assert.equal(rateLiteral(0.01), '1e-2');
});

test('the lens is there where a script calls fit', () => {
  const titles = (text: string) => scriptLenses('/w/a.ts', text, []).map(({ title }) => title);
  assert.ok(titles('await fit(model, data, {});').includes('Find Learning Rate'));
  assert.ok(!titles('await logisticRegression(features); outfit(1);').includes('Find Learning Rate'));
});
