import assert from 'node:assert/strict';
import { test } from 'node:test';

import sharp from 'sharp';

import { augmentPixels, type Jitter, renderedSize } from '../../../../src/runtime/data/image/augment.js';

const [height, width] = [20, 30] as const;
const none: Jitter = { zoom: 1, angle: 0, x: 0.5, y: 0.5, flip: false, brightness: 1, contrast: 1, saturation: 1 };

/** Smooth, and different in every direction and channel. */
function picture(h: number, w: number): Uint8Array {
  const wave = (x: number, y: number, c: number) => 128 + 60 * Math.sin(x / 7 + c) + 50 * Math.cos(y / 5 - c);
  return Uint8Array.from({ length: h * w * 3 }, (_, i) =>
    Math.round(wave(Math.floor(i / 3) % w, Math.floor(i / 3 / w), i % 3)),
  );
}

function largestDifference(a: Uint8Array, b: Uint8Array): number {
  assert.equal(a.length, b.length);
  return a.reduce((largest, value, i) => Math.max(largest, Math.abs(value - (b[i] ?? 0))), 0);
}

test('no jitter leaves a picture as it is', () => {
  const pixels = picture(height, width);
  assert.deepEqual(augmentPixels(pixels, { height, width }, [height, width], none), pixels);
});

test('a mirror image', async () => {
  const pixels = picture(height, width);
  const expected = await sharp(pixels, { raw: { width, height, channels: 3 } })
    .flop()
    .raw()
    .toBuffer();
  const flipped = augmentPixels(pixels, { height, width }, [height, width], { ...none, flip: true });
  assert.deepEqual(flipped, Uint8Array.from(expected));
});

for (const { x, y, left, top } of [
  { x: 0, y: 0, left: 0, top: 0 },
  { x: 1, y: 0.5, left: 30, top: 10 },
]) {
  test(`a crop at ${x}, ${y} of the spare room`, async () => {
    const jitter = { ...none, zoom: 2, x, y };
    const [h, w] = renderedSize([height, width], jitter);
    const pixels = picture(h, w);
    const expected = await sharp(pixels, { raw: { width: w, height: h, channels: 3 } })
      .extract({ left, top, width, height })
      .raw()
      .toBuffer();
    const cut = augmentPixels(pixels, { height: h, width: w }, [height, width], jitter);
    assert.deepEqual(cut, Uint8Array.from(expected));
  });
}

for (const angle of [90, -90, 17, -30]) {
  test(`turned by ${angle} degrees, as sharp turns it`, async () => {
    const jitter = { ...none, angle };
    const [h, w] = renderedSize([height, width], jitter);
    const pixels = picture(h, w);
    const turned = await sharp(pixels, { raw: { width: w, height: h, channels: 3 } })
      .rotate(angle)
      .raw()
      .toBuffer({ resolveWithObject: true });
    const expected = await sharp(turned.data, {
      raw: { width: turned.info.width, height: turned.info.height, channels: 3 },
    })
      .extract({
        left: Math.round((turned.info.width - width) / 2),
        top: Math.round((turned.info.height - height) / 2),
        width,
        height,
      })
      .raw()
      .toBuffer();
    const own = augmentPixels(pixels, { height: h, width: w }, [height, width], jitter);
    // Its middle may lie half a pixel beside ours, on slopes of up to 12 values per pixel.
    assert.ok(largestDifference(own, expected) <= 12, String(largestDifference(own, expected)));
  });
}

test('colour: saturation blends with the luma, then contrast and brightness', () => {
  const jitter = { ...none, saturation: 0.5, contrast: 1.2, brightness: 0.9 };
  const pixels = Uint8Array.of(200, 100, 50);
  const luma = 0.299 * 200 + 0.587 * 100 + 0.114 * 50;
  const expected = [200, 100, 50].map((value) => ((value + luma) / 2 - 128) * 1.2 * 0.9 + 128 * 0.9);
  assert.deepEqual([...augmentPixels(pixels, { height: 1, width: 1 }, [1, 1], jitter)], expected.map(Math.round));
});

test('colours outside 0 and 255 are clamped', () => {
  const bright = augmentPixels(Uint8Array.of(250, 0, 128), { height: 1, width: 1 }, [1, 1], { ...none, contrast: 2 });
  assert.deepEqual([...bright], [255, 0, 128]);
});
