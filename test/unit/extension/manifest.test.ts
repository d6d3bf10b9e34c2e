import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

import { commands } from '../../../src/extension/commands.js';
import { walkthroughSteps } from '../../../src/extension/walkthrough.js';

interface Contributed {
  readonly command: string;
  readonly title: string;
  readonly category: string;
  readonly icon: string;
  readonly enablement?: string;
}

interface Manifest {
  readonly contributes: {
    readonly commands: readonly Contributed[];
    readonly menus: Readonly<Record<string, readonly { readonly command: string }[]>>;
    readonly walkthroughs: readonly {
      readonly steps: readonly {
        readonly id: string;
        readonly completionEvents: readonly string[];
        readonly media: { readonly image: Readonly<Record<string, string>> };
      }[];
    }[];
  };
}

const text = readFileSync('package.json', 'utf8');
const { contributes } = JSON.parse(text) as Manifest;
const strings = JSON.parse(readFileSync('package.nls.json', 'utf8')) as Record<string, string>;
const small = new Set(['a', 'of', 'on', 'with', 'and', 'the', 'by', 'as', 'from']);

test('every contributed command has a handler, and every handler is contributed', () => {
  assert.deepEqual(contributes.commands.map(({ command }) => command).sort(), Object.keys(commands).sort());
});

test('every command has the category Graft, an icon and a title in title case', () => {
  for (const { command, title, category, icon } of contributes.commands) {
    assert.equal(category, 'Graft', command);
    assert.match(icon, /^\$\([a-z-]+\)$/, command);
    const words = (strings[title.slice(1, -1)] ?? '').split(/[\s-]/);
    for (const word of words) assert.match(word, small.has(word) ? /./ : /^[A-Z]/, `${command}: "${word}"`);
  }
});

test('menus name commands that exist', () => {
  for (const { command } of Object.values(contributes.menus).flat()) assert.ok(command in commands, command);
});

test('every text of the manifest is there, and none is left over', () => {
  const used = new Set([...text.matchAll(/"%([^%"]+)%"/g)].map(([, key = '']) => key));
  assert.deepEqual([...used].sort(), Object.keys(strings).sort());
});

test('commands behind links of the walkthrough and the welcome view exist; pictures too', () => {
  for (const [, id = ''] of Object.values(strings)
    .join('\n')
    .matchAll(/command:(graft\.\w+)/g))
    assert.ok(id in commands, id);
  for (const { media } of contributes.walkthroughs.flatMap(({ steps }) => steps)) {
    assert.deepEqual(Object.keys(media.image), ['dark', 'light', 'hc', 'hcLight']);
    for (const picture of Object.values(media.image)) assert.ok(existsSync(picture), picture);
  }
});

test('each step of the walkthrough is ticked by what was done, which the extension tells', () => {
  const steps = contributes.walkthroughs.flatMap((walkthrough) => walkthrough.steps);
  assert.deepEqual(
    steps.map(({ id }) => id),
    [...walkthroughSteps],
  );
  for (const { id, completionEvents } of steps) assert.deepEqual(completionEvents, [`onContext:graft.did.${id}`]);
});

test('every text of the manifest can be translated', () => {
  const readable = new Set([
    'title',
    'displayName',
    'description',
    'markdownDescription',
    'name',
    'contents',
    'altText',
  ]);
  const visit = (value: unknown, key = ''): void => {
    if (typeof value === 'string' && readable.has(key) && value !== 'Graft')
      assert.match(value, /^%[^%]+%$|^graft(-|$)/, `${key}: ${value}`);
    if (typeof value === 'object' && value !== null)
      for (const [name, inner] of Object.entries(value)) visit(inner, Array.isArray(value) ? key : name);
  };
  visit(JSON.parse(text));
});
