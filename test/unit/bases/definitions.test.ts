import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { build } from 'esbuild';

import type { BaseDefinition } from '../../../src/runtime/bases/definition.js';
import * as applications from '../../../src/runtime/bases/definitions/index.js';
import { disposeModel } from '../../../src/runtime/bases/dispose.js';
import { defaultFreezePoint, knownBase, knownBases } from '../../../src/runtime/bases/known.js';

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

  test(`${base.name}: its signature is a layer of its own, and of no other base`, async () => {
    if (base.weights === 'bundled') return;
    for (const other of knownBases)
      assert.equal((await layers(other)).has(base.weights.signature), other === base, other.name);
  });
}

test('the functions of `applications` are called as their definitions say, and names are names', () => {
  for (const [call, { definition }] of Object.entries(applications)) assert.equal(definition.call, call);
  assert.deepEqual(
    knownBases.map(({ name }) => knownBase(name)?.name),
    ['sapling', 'mobilenet-v2', 'resnet50', 'squeezenet'],
  );
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

test('the README lists them', () => {
  const rows = knownBases.map(({ name, size: [height, width], parameters, licence, weights }) => [
    `\`${name}\``,
    `${height} × ${width}`,
    `${(parameters / 1e6).toFixed(1)} M`,
    weights === 'bundled'
      ? `come with Graft (${licence})`
      : weights.notop === undefined
        ? 'a path to the Keras `.h5`'
        : weights.notop.hash === undefined
          ? "ImageNet, downloaded once from Keras's address, or a path"
          : 'ImageNet, downloaded once, verified, or a path',
  ]);
  const table = /## Bases\n\n(?:\|.*\n){2}((?:\| `.*\n)+)/.exec(readFileSync('README.md', 'utf8'))?.[1] ?? '';
  const cells = (row: string) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim());
  assert.deepEqual(table.trimEnd().split('\n').map(cells), rows);
});
