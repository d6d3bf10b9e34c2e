import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import * as h5 from 'h5wasm/node';

import { mutateJson } from './mutate-json.js';
import { randomFrom, type Random } from './random.js';

// Its functions are there once its code is.
await h5.ready;

type Attribute = string | readonly string[] | number | Float32Array;
interface Dataset {
  readonly kind: 'dataset';
  readonly data: Float32Array | Float64Array | Int32Array | Uint8Array;
  readonly shape: readonly number[];
  readonly dtype: string;
  /** It announces values that are nowhere in the file. */
  readonly announced?: readonly [number, number];
}
interface Link {
  readonly kind: 'soft' | 'hard' | 'external';
  readonly target: string;
}
interface Group {
  readonly kind: 'group';
  readonly attributes: Map<string, Attribute>;
  readonly children: Map<string, Group | Dataset | Link>;
}

/** An HDF5 file with something else in it, and whole as a file. Undefined for other bytes. */
export function mutateHdf5(bytes: Buffer, random: Random): Buffer | undefined {
  if (!bytes.subarray(0, 4).equals(Buffer.from('\x89HDF', 'latin1'))) return undefined;
  const folder = mkdtempSync(path.join(tmpdir(), 'graft-break-h5-'));
  try {
    const [from, to] = ['from.h5', 'to.h5'].map((name) => path.join(folder, name)) as [string, string];
    writeFileSync(from, bytes);
    const old = new h5.File(from, 'r');
    const root = readGroup(old);
    old.close();
    randomFrom(random, edits)(root, random);
    const written = new h5.File(to, 'w');
    try {
      writeGroup(written, root);
    } finally {
      written.close();
    }
    return readFileSync(to);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function readGroup(group: h5.Group): Group {
  const attributes = Object.keys(group.attrs).flatMap((name): [string, Attribute][] => {
    const value = group.get_attribute(name, true);
    if (typeof value === 'string' || typeof value === 'number') return [[name, value]];
    return Array.isArray(value) ? [[name, value.map(String)]] : [];
  });
  const children = group.keys().flatMap((name): [string, Group | Dataset][] => {
    const entry = group.get(name);
    if (entry instanceof h5.Group) return [[name, readGroup(entry)]];
    if (!(entry instanceof h5.Dataset)) return [];
    const value = entry.value;
    const data = Float32Array.from(typeof value === 'number' ? [value] : (value as Float32Array));
    return [[name, { kind: 'dataset', data, shape: entry.shape ?? [], dtype: '<f' }]];
  });
  return { kind: 'group', attributes: new Map(attributes), children: new Map(children) };
}

function writeGroup(to: h5.Group, { attributes, children }: Group): void {
  for (const [name, value] of attributes) to.create_attribute(name, value as string);
  for (const [name, child] of children) {
    switch (child.kind) {
      case 'group':
        writeGroup(to.create_group(name), child);
        break;
      case 'dataset':
        writeDataset(to, name, child);
        break;
      case 'soft':
        to.create_soft_link(child.target, name);
        break;
      case 'hard':
        to.create_hard_link(child.target, name);
        break;
      case 'external':
        to.create_external_link(child.target, '/', name);
        break;
    }
  }
}

function writeDataset(to: h5.Group, name: string, { data, shape, dtype, announced }: Dataset): void {
  if (announced === undefined) {
    to.create_dataset({ name, data, shape: [...shape], dtype });
    return;
  }
  const sides = [2 ** 20, 2 ** 20];
  to.create_dataset({ name, data, shape: [1, 1], dtype, maxshape: sides, chunks: [64, 64] });
  (to.get(name) as h5.Dataset).resize([...announced]);
}

interface Place {
  readonly parent: Group;
  readonly name: string;
  readonly path: string;
}

function placesIn(group: Group, at = ''): Place[] {
  return [...group.children].flatMap(([name, child]) => {
    const own = { parent: group, name, path: `${at}/${name}` };
    return child.kind === 'group' ? [own, ...placesIn(child, own.path)] : [own];
  });
}

function groupsIn(group: Group): Group[] {
  return [group, ...[...group.children.values()].flatMap((child) => (child.kind === 'group' ? groupsIn(child) : []))];
}

type Edit = (root: Group, random: Random) => void;

const edits: readonly Edit[] = [
  changeConfig,
  changeConfig,
  changeAttribute,
  changeAttribute,
  changeDataset,
  changeDataset,
  (root, random) => {
    const { parent, name } = randomFrom(random, placesIn(root));
    parent.children.delete(name);
  },
  (root, random) => {
    const { parent, name } = randomFrom(random, placesIn(root));
    const other = randomFrom(random, placesIn(root)).path;
    const link = randomFrom<Link>(random, [
      { kind: 'soft', target: '/' },
      { kind: 'soft', target: other },
      { kind: 'hard', target: '/' },
      { kind: 'external', target: '/etc/passwd' },
    ]);
    // In the place of something, or beside it.
    parent.children.set(random.below(2) === 0 ? name : `${name}x`, link);
  },
  (root, random) => {
    // Two change their places.
    const [a, b] = [randomFrom(random, placesIn(root)), randomFrom(random, placesIn(root))];
    const [one, other] = [a.parent.children.get(a.name), b.parent.children.get(b.name)];
    if (one?.kind !== 'dataset' || other?.kind !== 'dataset') changeDataset(root, random);
    else {
      a.parent.children.set(a.name, other);
      b.parent.children.set(b.name, one);
    }
  },
];

function changeConfig(root: Group, random: Random): void {
  const text = root.attributes.get('model_config');
  const changed = typeof text === 'string' ? mutateJson(Buffer.from(text), random) : undefined;
  if (changed === undefined) changeAttribute(root, random);
  else root.attributes.set('model_config', changed.toString('utf8'));
}

function changeAttribute(root: Group, random: Random): void {
  const owners = groupsIn(root).filter(({ attributes }) => attributes.size > 0);
  if (owners.length === 0) {
    changeDataset(root, random);
    return;
  }
  const { attributes } = randomFrom(random, owners);
  const name = randomFrom(random, [...attributes.keys()]);
  const value = attributes.get(name);
  const list = Array.isArray(value) ? value.map(String) : [String(value)];
  const text = randomFrom(random, ['', 'x'.repeat(30_000), '3.0.0', '1.2', 'tfjs', 'layers', '/', '../x']);
  const choice = randomFrom<Attribute | null>(random, [
    null,
    random.below(1000) - 500,
    new Float32Array([1, NaN, Infinity]),
    text,
    text,
    [...list].reverse(),
    [...list, ...list],
    list.length > 1 ? list.slice(1) : ['x'],
  ]);
  if (choice === null) attributes.delete(name);
  else attributes.set(name, choice);
}

function changeDataset(root: Group, random: Random): void {
  const all = placesIn(root).filter(({ parent, name }) => parent.children.get(name)?.kind === 'dataset');
  if (all.length === 0) return;
  const { parent, name } = randomFrom(random, all);
  const { data, shape } = parent.children.get(name) as Dataset;
  const spoilt = Float32Array.from(data);
  spoilt[random.below(data.length)] = randomFrom(random, [NaN, Infinity, -Infinity]);
  const changed = randomFrom<Omit<Dataset, 'kind'>>(random, [
    { data, shape: [...shape].reverse(), dtype: '<f' },
    { data, shape: [data.length], dtype: '<f' },
    { data: Int32Array.from(data, (value) => value * 100), shape, dtype: '<i' },
    { data: Uint8Array.from(data), shape, dtype: '<B' },
    { data: Float64Array.from(data), shape, dtype: '<d' },
    { data: spoilt, shape, dtype: '<f' },
    { data: new Float32Array(data.length + 1), shape: [data.length + 1], dtype: '<f' },
    { data: new Float32Array(1), shape: [1, 1], dtype: '<f', announced: [2 ** 20, 2 ** 10 + random.below(2 ** 19)] },
  ]);
  parent.children.set(name, { kind: 'dataset', ...changed });
}
