import { seedOf, uniform } from '../../../common/random.js';
import type { Augmentation } from './form.js';

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

/**
 * Rotation, crop to `size`, mirror and colour, on pixels that were rendered in `renderedSize`: [height, width, 3], 8 bit. One pass with
 * bilinear interpolation; the same steps one after the other in an image library take three times as long.
 */
export function augmentPixels(
  pixels: Uint8Array,
  rendered: { readonly width: number; readonly height: number },
  [height, width]: readonly [number, number],
  jitter: Jitter,
): Uint8Array {
  const target = new Uint8ClampedArray(height * width * 3);
  const stride = rendered.width * 3;
  const [rr, rg, rb, gr, gg, gb, br, bg, bb] = colourMatrix(jitter);
  const offset = 128 * (1 - jitter.contrast) * jitter.brightness;

  // Output pixel → pixel of the rendered picture. The crop moves within the filled middle of the turned picture.
  const radians = (jitter.angle * Math.PI) / 180;
  const [cos, sin] = [Math.cos(radians), Math.sin(radians)];
  const left = (width * jitter.zoom - width) * (jitter.x - 0.5) - (width - 1) / 2;
  const top = (height * jitter.zoom - height) * (jitter.y - 0.5) - (height - 1) / 2;
  const [middleX, middleY] = [(rendered.width - 1) / 2, (rendered.height - 1) / 2];
  const [lastX, lastY] = [rendered.width - 1, rendered.height - 1];
  let to = 0;
  for (let y = 0; y < height; y++) {
    for (let column = 0; column < width; column++) {
      const dx = (jitter.flip ? width - 1 - column : column) + left;
      const dy = y + top;
      const u = Math.min(lastX, Math.max(0, cos * dx + sin * dy + middleX));
      const v = Math.min(lastY, Math.max(0, cos * dy - sin * dx + middleY));
      const x0 = Math.trunc(u);
      const y0 = Math.trunc(v);
      const p = y0 * stride + x0 * 3;
      const q = p + stride;
      // Weights of the four pixels around.
      const d = (u - x0) * (v - y0);
      const b = u - x0 - d;
      const c = v - y0 - d;
      const a = 1 - b - c - d;
      const red = a * at(pixels, p) + b * at(pixels, p + 3) + c * at(pixels, q) + d * at(pixels, q + 3);
      const green = a * at(pixels, p + 1) + b * at(pixels, p + 4) + c * at(pixels, q + 1) + d * at(pixels, q + 4);
      const blue = a * at(pixels, p + 2) + b * at(pixels, p + 5) + c * at(pixels, q + 2) + d * at(pixels, q + 5);
      target[to++] = rr * red + rg * green + rb * blue + offset;
      target[to++] = gr * red + gg * green + gb * blue + offset;
      target[to++] = br * red + bg * green + bb * blue + offset;
    }
  }
  return new Uint8Array(target.buffer);
}

function at(pixels: Uint8Array, index: number): number {
  return pixels[index] ?? 0;
}

type ColourMatrix = readonly [number, number, number, number, number, number, number, number, number];

/** Saturation, as a blend with the picture's luma (Rec. 601), then contrast and brightness; rows are red, green, blue. */
function colourMatrix({ saturation, contrast, brightness }: Jitter): ColourMatrix {
  const scale = contrast * brightness;
  const own = saturation * scale;
  const [r, g, b] = [0.299, 0.587, 0.114].map((luma) => luma * (1 - saturation) * scale) as [number, number, number];
  return [own + r, g, b, r, own + g, b, r, g, own + b];
}
