import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import sharp, { type Sharp } from 'sharp';

import type { ImageExample } from '../../src/runtime/data/image/types.js';

/** A new empty folder. */
export function temporaryFolder(name = 'graft'): string {
  return mkdtempSync(path.join(os.tmpdir(), `${name}-test-`));
}

const colors = ['#c03020', '#2050c0', '#30a040', '#b0a020'];

/** A folder per class, each with `count` different small pictures. Returns the data folder. */
export async function pictureFolder(
  classes: readonly string[],
  count: number,
  parent = temporaryFolder(),
): Promise<string> {
  for (const [c, name] of classes.entries()) {
    const folder = path.join(parent, name);
    mkdirSync(folder, { recursive: true });
    for (let i = 0; i < count; i++)
      await patch(colors[c % colors.length] ?? '#888888', i + c * 100 + name.length * 1000)
        .png()
        .toFile(path.join(folder, `${i}.png`));
  }
  return parent;
}

/** A noisy patch of a colour: learnable, and no two alike. */
export function patch(color: string, seed: number, size = 24): Sharp {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16));
  let state = seed * 7919 + 17;
  const pixels = Uint8Array.from({ length: size * size * 3 }, (_, i) => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return Math.max(0, Math.min(255, ([r, g, b][i % 3] ?? 0) + ((state / 2147483648) * 120 - 60)));
  });
  return sharp(pixels, { raw: { width: size, height: size, channels: 3 } });
}

/** A picture file as it is in a data set. */
export function exampleOf(file: string): ImageExample {
  const hash = createHash('sha256').update(readFileSync(file)).digest('hex');
  return { id: path.basename(file), label: 0, hash, source: { kind: 'file', path: file } };
}
