import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { build } from 'esbuild';

import type { BaseDefinition } from '../../../../src/runtime/bases/definition.js';
import * as applications from '../../../../src/runtime/bases/definitions/index.js';
import { disposeModel } from '../../../../src/runtime/bases/dispose.js';
import { defaultFreezePoint, knownBase, knownBases } from '../../../../src/runtime/bases/known.js';
import { byFamily } from '../../../../src/words/index.js';

/** The names of a base's layers, and how many of those with weights each is the last of. */
const layersOf = new Map<string, Promise<ReadonlyMap<string, number>>>();
function layers(base: BaseDefinition): Promise<ReadonlyMap<string, number>> {
  const found = layersOf.get(base.name) ?? read(base);
  layersOf.set(base.name, found);
  return found;
}

async function read(base: BaseDefinition): Promise<ReadonlyMap<string, number>> {
  const model = await base.outline();
  assert.equal(model.countParams(), base.parameters, base.name);
  let count = 0;
  const names = new Map(
    model.layers.map((layer) => {
      if (layer.weights.length > 0) count++;
      return [layer.name, count] as const;
    }),
  );
  disposeModel(model);
  return names;
}

for (const base of knownBases) {
  test(`${base.name} is as its definition says`, async () => {
    const names = await layers(base);
    const frozen = base.freezePoints.map(([layer]) => [layer, names.get(layer)]);
    assert.deepEqual([base.layers, base.freezePoints], [Math.max(...names.values()), frozen]);
    const counts = base.freezePoints.map(([, count]) => count);
    assert.deepEqual(
      counts,
      [...new Set(counts)].sort((a, b) => a - b),
    );
    assert.ok(counts.includes(Object.fromEntries(base.freezePoints)[defaultFreezePoint(base)] ?? NaN));
  });
}

test('no two bases have the same layers', () => {
  const prints = knownBases.flatMap(({ weights }) => (weights === 'bundled' ? [] : [weights.fingerprint]));
  assert.equal(new Set(prints).size, prints.length);
});

test('the functions of `applications` are called as their definitions say, and names are names', () => {
  for (const [call, { definitions }] of Object.entries(applications)) {
    for (const definition of definitions) assert.equal(definition.call, call);
    assert.equal(definitions[0]?.arguments, undefined);
  }
  assert.deepEqual(
    knownBases.map(({ name }) => knownBase(name)?.name),
    knownBases.map(({ name }) => name),
  );
  assert.equal(new Set(knownBases.map(({ name }) => name)).size, knownBases.length);
  assert.deepEqual(['sapling', 'squeezenet'], [knownBases[0]?.name, knownBases.at(-1)?.name]);
  assert.equal(knownBase('constructor'), undefined);
});

test('what is known of the bases is read without TensorFlow.js or any other package', async () => {
  const { metafile } = await build({
    entryPoints: ['src/runtime/bases/known.ts'],
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    outdir: 'dist/test-definitions',
    write: false,
    metafile: true,
  });
  const { outputs } = metafile;
  const open = Object.keys(outputs).filter((file) => outputs[file]?.entryPoint === 'src/runtime/bases/known.ts');
  const packages: string[] = [];
  for (const file of open)
    for (const { path, kind, external } of outputs[file]?.imports ?? [])
      if (external === true) packages.push(path);
      else if (kind === 'import-statement' && !open.includes(path)) open.push(path);
  assert.deepEqual(packages, []);
});

test('the README lists them, a row for each family', () => {
  const rows = byFamily(knownBases).map((bases) => {
    const of = <T>(read: (base: BaseDefinition) => T) => [...new Set(bases.map(read))];
    const [from, to] = [bases[0]?.parameters ?? 0, bases.at(-1)?.parameters ?? 0].map((n) => (n / 1e6).toFixed(1));
    const accuracies = bases.flatMap(({ accuracy }) => (accuracy === undefined ? [] : [accuracy * 100]));
    const [worst, best] = [Math.min(...accuracies), Math.max(...accuracies)].map((percent) => percent.toFixed(1));
    return [
      bases.map(({ name }) => `\`${name}\``).join(' '),
      of(({ size }) => size[0]).join(', '),
      from === to ? `${from ?? ''} M` : `${from ?? ''} … ${to ?? ''} M`,
      accuracies.length === 0 ? '' : worst === best ? `${best ?? ''} %` : `${worst ?? ''} … ${best ?? ''} %`,
      of(({ licence }) => licence).join(', '),
      of(({ weights }) =>
        weights === 'bundled' ? 'with Graft' : weights.notop === undefined ? 'a path' : 'downloaded, or a path',
      ).join(', '),
    ];
  });
  const table = /## Bases\n\n(?:\|.*\n){2}((?:\| `.*\n)+)/.exec(readFileSync('README.md', 'utf8'))?.[1] ?? '';
  const cells = (row: string) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim());
  const markdown = rows.map((row) => `| ${row.join(' | ')} |`).join('\n');
  assert.deepEqual(table.trimEnd().split('\n').map(cells), rows, `README.md, under Bases:\n${markdown}\n`);
});
