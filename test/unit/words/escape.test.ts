import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  html,
  htmlJson,
  htmlText,
  jsonText,
  label,
  labelLines,
  markdown,
  shorten,
  visible,
  visibleLines,
} from '../../../src/words/index.js';
import {
  hostileNames,
  liveInEditor,
  liveInHtml,
  liveInMarkdown,
  liveInTerminal,
  rendered,
} from '../../support/hostile.js';

const table: readonly (readonly [string, string])[] = [
  ['\u001b]52;c;x\u0007', '\\x1b]52;c;x\\x07'],
  ['\u009b2J', '\\x9b2J'],
  ['a\rb\nc\td', 'a\\rb\\nc\\td'],
  ['a\u202eb\u2069', 'a\\u202eb\\u2069'],
  ['a\u200bb\ufeff\u00ad', 'a\\u200bb\\ufeff\\xad'],
  ['\u{e0041}', '\\u{e0041}'],
  ['\ud800', '\\ud800'],
  // What people write stays as it is.
  ['C:\\Users\\über\\日本.png', 'C:\\Users\\über\\日本.png'],
  ['👩‍🌾 ❤️ 👍🏽', '👩‍🌾 ❤️ 👍🏽'],
  ['می\u200cخواهم क्\u200dष', 'می\u200cخواهم क्\u200dष'],
  ['cat\u200cs', 'cat\\u200cs'],
  ['e\u0301', 'e\u0301'],
];
for (const [name, shown] of table)
  test(`visible: ${JSON.stringify(name)}`, () => {
    assert.equal(visible(name), shown);
  });

test('lines and tabs stay where text has lines', () => {
  assert.equal(visibleLines('a\r\n\tb\u001b[2J\rc'), 'a\n\tb\\x1b[2J\\rc');
});

test('a long name keeps both ends, and no character is cut in two', () => {
  assert.equal(shorten('abcdefghij', 10), 'abcdefghij');
  assert.equal(shorten('abcdefghijk', 10), 'abcde…hijk');
  assert.equal(shorten('👍'.repeat(10), 10), '👍'.repeat(10));
  assert.equal(shorten('👍'.repeat(11), 10), `${'👍'.repeat(5)}…${'👍'.repeat(4)}`);
  assert.equal(shorten('ab'.repeat(5_000_000), 3).length, 3);
  assert.equal(shorten('abc', 1), '…');
});

test('JSON stays the same value', () => {
  for (const name of hostileNames) {
    const text = jsonText(JSON.stringify({ [name]: name }));
    assert.equal(liveInTerminal(text), undefined, text.slice(0, 100));
    assert.deepEqual(JSON.parse(text), { [name]: name });
    const inScript = htmlJson({ name }).text;
    assert.doesNotMatch(inScript, /</);
    assert.deepEqual(JSON.parse(inScript), { name });
  }
});

for (const name of hostileNames) {
  test(`no surface makes anything of ${JSON.stringify(name.slice(0, 60))}`, () => {
    const text = name.slice(0, 100);
    assert.equal(liveInTerminal(visible(name)), undefined);
    assert.equal(liveInEditor(label(`${name}(command:a) (${name}) [a]${name}$${name}(b)`)), undefined);
    assert.equal(liveInEditor(labelLines(`${name}\n${name}`)), undefined);
    assert.equal(liveInHtml(html`<p title="${name}">${name}</p>`.text), undefined);
    assert.equal(liveInHtml(htmlText(name).text), undefined);
    for (const document of [
      markdown`# ${name}\n\n${name}\n\n- ${name}\n\n> ${name}\n`,
      markdown`| ${name} | **${name}** |\n| --- | --- |\n| ${name} | ${name} |\n`,
    ])
      assert.equal(liveInMarkdown(document.text), undefined, text);
    // Each row has as many cells as its table has.
    const cells = rendered(markdown`| ${name} | b |\n| --- | --- |\n| ${name} | d |\n`.text).match(/<t[hd]>/g);
    assert.equal(cells?.length, 4, text);
  });
}

test('what is escaped already is not escaped again, and a list of it is joined', () => {
  const rows = ['a', '<b>'].map((name) => html`<td>${name}</td>`);
  assert.equal(html`<tr>${rows}${1}</tr>`.text, '<tr><td>a</td><td>&lt;b&gt;</td>1</tr>');
});

test('a number of an unchecked file may be a text', () => {
  const count = '<img src=x onerror=alert(1)>' as unknown as number;
  assert.equal(html`${count}`.text, '&lt;img src=x onerror=alert(1)&gt;');
});
