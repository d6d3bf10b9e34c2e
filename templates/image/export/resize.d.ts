/** See resize.js, which exports of a model carry as it is. */
export function resize(
  pixels: Uint8Array | Uint8ClampedArray,
  from: readonly [number, number],
  to: readonly [number, number],
  mode: 'crop' | 'pad' | 'stretch',
): Float32Array<ArrayBuffer>;
export function luminance(pixels: Float32Array): Float32Array<ArrayBuffer>;
