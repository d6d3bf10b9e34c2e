import assert from 'node:assert/strict';
import { test } from 'node:test';

import sharp from 'sharp';

import type { ResizeMode } from '../../../src/runtime/data/image/form.js';
import { GraphBuilder } from '../../../src/runtime/graph/ir.js';
import { resizeNodes } from '../../../src/runtime/graph/resize.js';
import { openSession } from '../../../src/runtime/engines/session.js';
import { resize } from '../../../templates/image/export/resize.js';
import { patch } from '../../support/pictures.js';

const modes = { crop: 'cover', pad: 'contain', stretch: 'fill' } as const;
type Size = readonly [number, number];

/** [height, width] → [height, width]: smaller, far smaller, larger, the same, odd, thin, between two sizes, one side larger, one pixel. */
const cases: readonly (readonly [Size, Size])[] = [
  [
    [150, 150],
    [96, 96],
  ],
  [
    [97, 131],
    [64, 80],
  ],
  [
    [301, 607],
    [32, 48],
  ],
  [
    [40, 30],
    [128, 128],
  ],
  [
    [32, 32],
    [32, 32],
  ],
  [
    [33, 401],
    [40, 40],
  ],
  [
    [384, 512],
    [224, 224],
  ],
  [
    [188, 141],
    [118, 68],
  ],
  [
    [90, 300],
    [128, 100],
  ],
  [
    [1, 1],
    [16, 16],
  ],
];

/** Smooth with detail on it, as photographs are. */
async function picture([height, width]: Size): Promise<Uint8Array> {
  const grain = await patch('#808080', width, 64)
    .resize(width, height, { fit: 'fill', kernel: 'linear' })
    .raw()
    .toBuffer();
  return Uint8Array.from(grain, (value, i) => {
    const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
    const wave = 60 * Math.sin(x / 9 + (i % 3)) + 40 * Math.cos(y / 7);
    return Math.max(0, Math.min(255, Math.round(value / 2 + 64 + wave)));
  });
}

async function byGraph(pixels: Uint8Array, from: Size, to: Size, mode: ResizeMode): Promise<Float32Array> {
  const builder = new GraphBuilder();
  const input = builder.input('pixels', ['N', 'H', 'W', 3], 'uint8');
  const session = await openSession(builder.build({ small: resizeNodes(builder, input, to, mode) }));
  try {
    const { small } = await session.run({ pixels: { data: pixels, shape: [1, ...from, 3] } });
    assert.deepEqual(small?.shape, [1, ...to, 3]);
    return small.data as Float32Array;
  } finally {
    await session.release();
  }
}

for (const [from, to] of cases) {
  for (const mode of ['crop', 'pad', 'stretch'] as const) {
    test(`${from.join(' × ')} → ${to.join(' × ')}, ${mode}: graph, JavaScript and sharp agree to the last bit`, async () => {
      const pixels = await picture(from);
      const ours = resize(pixels, from, to, mode);
      assert.deepEqual(await byGraph(pixels, from, to, mode), ours);
      const [height, width] = from;
      const trained = await sharp(pixels, { raw: { width, height, channels: 3 } })
        .resize(to[1], to[0], { fit: modes[mode], background: '#ffffff' })
        .raw()
        .toBuffer();
      assert.deepEqual(Uint8Array.from(ours), Uint8Array.from(trained));
    });
  }
}
