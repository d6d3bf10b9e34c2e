import sharp, { type Sharp } from 'sharp';

import { seedOf, uniform } from '../random.js';
import type { Augmentation } from './types.js';

/** The random decisions of one view, all made beforehand: the same seed, picture and view give the same pixels. */
export interface Jitter {
  /** The picture is rendered this much larger than needed, so that the crop has room to move. */
  readonly zoom: number;
  /** Degrees, clockwise. */
  readonly angle: number;
  /** Where in the spare room the crop lies, each in [0, 1]. */
  readonly x: number;
  readonly y: number;
  readonly flip: boolean;
  /** Factors around 1. */
  readonly brightness: number;
  readonly contrast: number;
  readonly saturation: number;
}

export function jitterOf(
  { flip = false, crop = 0, rotation = 0, color = 0 }: Augmentation,
  seed: number,
  hash: string,
  view: number,
): Jitter {
  const random = uniform(seedOf(seed, hash, view));
  const around = (spread: number) => (random() * 2 - 1) * spread;
  // Drawn in a fixed order, whether used or not: switching one augmentation off leaves the others as they were.
  const [angle, cut, x, y, mirrored] = [around(rotation), random() * crop, random(), random(), random() < 0.5];
  return {
    zoom: 1 / (1 - cut),
    angle,
    x,
    y,
    flip: flip && mirrored,
    brightness: 1 + around(color),
    contrast: 1 + around(color),
    saturation: 1 + around(color),
  };
}

/** Pixels that interpolation at the border of a rotated picture may touch. */
const border = 2;

/** [height, width] that a picture must be rendered in, so that rotation leaves no empty corner and the crop has room. */
export function renderedSize([height, width]: readonly [number, number], { zoom, angle }: Jitter): [number, number] {
  const [h, w] = [Math.round(height * zoom), Math.round(width * zoom)];
  if (angle === 0) return [h, w];
  const radians = (Math.abs(angle) * Math.PI) / 180;
  const [cos, sin] = [Math.abs(Math.cos(radians)), Math.abs(Math.sin(radians))];
  // The upright h × w must fit into the turned picture.
  return [Math.ceil(h * cos + w * sin) + 2 * border, Math.ceil(w * cos + h * sin) + 2 * border];
}

/** Rotation, crop to `size`, mirror and colour, on pixels that were rendered in `renderedSize`. */
export async function augmentPixels(
  pixels: Uint8Array,
  rendered: { readonly width: number; readonly height: number },
  [height, width]: readonly [number, number],
  jitter: Jitter,
): Promise<Uint8Array> {
  let image = { data: pixels, width: rendered.width, height: rendered.height };
  if (jitter.angle !== 0) {
    const rotated = await open(image).rotate(jitter.angle).raw().toBuffer({ resolveWithObject: true });
    image = { data: rotated.data, width: rotated.info.width, height: rotated.info.height };
  }
  // The crop moves within the filled middle of the turned picture.
  const roomX = Math.max(0, Math.round(width * jitter.zoom) - width);
  const roomY = Math.max(0, Math.round(height * jitter.zoom) - height);
  const left = Math.round((image.width - width - roomX) / 2 + roomX * jitter.x);
  const top = Math.round((image.height - height - roomY) / 2 + roomY * jitter.y);
  let pipeline = open(image).extract({ left, top, width, height });
  if (jitter.flip) pipeline = pipeline.flop();
  if (jitter.saturation !== 1) pipeline = pipeline.modulate({ saturation: jitter.saturation });
  if (jitter.brightness !== 1 || jitter.contrast !== 1) {
    pipeline = pipeline.linear(jitter.brightness * jitter.contrast, 128 * (1 - jitter.contrast) * jitter.brightness);
  }
  return await pipeline.raw({ depth: 'uchar' }).toBuffer();
}

function open({ data, width, height }: { data: Uint8Array; width: number; height: number }): Sharp {
  return sharp(data, { raw: { width, height, channels: 3 } });
}
