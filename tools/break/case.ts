import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

import { formats } from './formats.js';
import { mutations } from './mutations.js';
import { randomFrom, randomOf } from './random.js';
import { sealed } from './seal.js';
import type { Format } from './types.js';

export interface Damage {
  readonly index: number;
  readonly format: string;
  /** Relative to the workspace. */
  readonly file: string;
  readonly kind: string;
  /** Whether its checksums, too, are those of what is there now. */
  readonly sealed: boolean;
}

/** Damage, and what the files are with it, relative to the workspace. */
export interface Damaged {
  readonly damage: Damage;
  readonly files: ReadonlyMap<string, Buffer>;
}

/** One file of a whole workspace, damaged: format, file, kind and place are drawn, each as likely as any other. Nothing is written. */
export function damage(workspace: string, seed: number, index: number, among: readonly Format[]): Damaged {
  const random = randomOf(seed, index);
  const format = randomFrom(random, among);
  const file = randomFrom(random, filesOf(workspace, format));
  const whole = readFileSync(path.join(workspace, file));
  for (;;) {
    const { kind, apply, sealed: isSealed = false } = randomFrom(random, mutations);
    const bytes = apply(whole, random);
    if (bytes === undefined || bytes.equals(whole)) continue;
    const info = random.below(2) === 0 ? sealed(workspace, file, bytes) : undefined;
    return {
      damage: { index, format: format.name, file, kind, sealed: isSealed || info !== undefined },
      files: new Map([[file, bytes], ...(info === undefined ? [] : [[info.file, info.bytes] as const])]),
    };
  }
}

export function formatNamed(name: string): Format {
  const format = formats.find((candidate) => candidate.name === name);
  if (format === undefined) throw new Error(`There is no format "${name}": ${formats.map((f) => f.name).join(', ')}.`);
  return format;
}

function filesOf(workspace: string, format: Format): string[] {
  return format.files.flatMap((name) => {
    const found = name.endsWith('<prefix>') ? prefixFolders(workspace, path.dirname(name)) : [name];
    return found.flatMap((entry) => filesBelow(workspace, entry));
  });
}

function prefixFolders(workspace: string, folder: string): string[] {
  return readdirSync(path.join(workspace, folder))
    .filter((name) => /^[0-9a-f]{64}$/.test(name))
    .map((name) => path.join(folder, name));
}

function filesBelow(workspace: string, entry: string): string[] {
  if (!existsSync(path.join(workspace, entry))) return [];
  if (!statSync(path.join(workspace, entry)).isDirectory()) return [entry];
  return readdirSync(path.join(workspace, entry), { recursive: true })
    .map((name) => path.join(entry, String(name)))
    .filter((file) => statSync(path.join(workspace, file)).isFile() && statSync(path.join(workspace, file)).size > 0)
    .sort();
}
