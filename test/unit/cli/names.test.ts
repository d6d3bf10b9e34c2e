import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { RunEvent } from '../../../src/protocol/index.js';
import {
  confusionTable,
  heading,
  shown,
  shownJson,
  shownLines,
  shownMessage,
  table,
  type Io,
} from '../../../src/runtime/cli/io.js';
import { EventPrinter } from '../../../src/runtime/cli/show.js';
import { hostileNames, liveInTerminal } from '../../support/hostile.js';

/** What a command writes, with what it draws itself left out. */
function recorder(isTerminal: boolean): { readonly io: Io; readonly written: string[] } {
  const written: string[] = [];
  const out = ({ text }: { readonly text: string }) => {
    written.push(text);
  };
  const draw: Io['draw'] = (line) => {
    if (line !== undefined) written.push(line.text);
  };
  return { io: { out, error: out, draw, isTerminal, columns: 80 }, written };
}

/** Every event that has a text of somebody else's in it. */
function eventsWith(name: string): RunEvent[] {
  const hostile = name as never;
  const metrics = { loss: 1, accuracy: 0.5, macroF1: 0.5 };
  return [
    { type: 'started', time: 0, protocol: 1, pid: 1, nonce: name, script: name, resumed: true },
    { type: 'phase', time: 0, phase: 'prefix', state: 'started', total: hostile },
    { type: 'phase', time: 0, phase: 'read', state: 'failed' },
    { type: 'progress', time: 0, phase: 'prefix', done: hostile, total: hostile, perSecond: 1, etaMs: 1 },
    {
      ...{ type: 'data', time: 0, directory: name, duplicates: hostile, skipped: [{ file: name, reason: name }] },
      classes: [{ name, train: 1, validation: 1 }],
    },
    {
      ...{ type: 'model', time: 0, technique: hostile, base: name, parameters: 1, trainable: 1, frozenUpTo: name },
      ...{ engine: hostile, engineReason: name },
    },
    {
      ...{ type: 'stage', time: 0, stage: 'head', epochs: hostile, learningRate: 1, trainable: 1 },
      ...{ cached: hostile, images: hostile },
    },
    {
      ...{ type: 'batch', time: 0, stage: 'head', epoch: hostile, step: 1, steps: 2, loss: 1, accuracy: 1 },
      ...{ learningRate: 1, imagesPerSecond: 1, memory: 1 },
    },
    {
      ...{
        type: 'epoch',
        time: 0,
        stage: 'head',
        epoch: hostile,
        epochs: hostile,
        train: metrics,
        validation: metrics,
      },
      ...{ learningRate: 1, ms: 1, best: true },
    },
    { type: 'warning', time: 0, message: name, action: name },
    { type: 'saved', time: 0, directory: name },
    { type: 'failed', time: 0, message: name, action: name },
  ];
}

for (const name of hostileNames) {
  test(`nothing that a command writes of ${JSON.stringify(name.slice(0, 60))} acts on a terminal`, () => {
    for (const isTerminal of [true, false]) {
      const { io, written } = recorder(isTerminal);
      const printer = new EventPrinter(io, 'id');
      for (const event of eventsWith(name)) {
        printer.show(event);
        io.out(shownJson(event));
      }
      printer.end();
      io.out(shown`${name}: ${name}\n`);
      io.out(heading(name));
      io.out(
        confusionTable(
          [name, 'b'],
          [
            [1, 2],
            [3, 4],
          ],
        ),
      );
      io.out(shown`${shownMessage({ message: name, action: name })}${shownLines(name)}`);
      for (const text of written) {
        assert.equal(liveInTerminal(text), undefined, text.slice(0, 200));
        assert.ok(text.length < 4_000 || text.startsWith('{'), `${text.length} characters`);
      }
    }
  });

  test(`a table with ${JSON.stringify(name.slice(0, 60))} has its rows and columns`, () => {
    const text = table(
      ['class', 'n'],
      [
        [name, '1'],
        ['日本語', '22'],
        ['b', name],
      ],
    ).text;
    assert.equal(text.split('\n').length, 5);
    assert.doesNotMatch(text, /\t/);
  });
}

test('wide and combining characters keep a table aligned', () => {
  const rows = [
    ['日本', '1'],
    ['e\u0301te\u0301', '2'],
    ['👍', '3'],
    ['plain', '4'],
  ];
  assert.equal(
    table(['class', 'n'], rows).text,
    ['class  n', '日本   1', 'e\u0301te\u0301    2', '👍     3', 'plain  4', ''].join('\n'),
  );
});

test('what a person writes stays as it is', () => {
  assert.equal(shown`Wrote ${'C:\\Büro\\日本 (1).onnx'}.\n`.text, 'Wrote C:\\Büro\\日本 (1).onnx.\n');
  assert.equal(shownJson({ name: '<b> ü' }).text, '{"name":"<b> ü"}\n');
});
