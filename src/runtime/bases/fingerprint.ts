import { createHash } from 'node:crypto';

/** A layer's name and the shapes of its weights. */
type LayerShapes = readonly [layer: string, shapes: readonly (readonly (number | null)[])[]];

/**
 * Which layers a network has, whatever their order: 12 hex digits of the SHA-256 of a line for each that has weights,
 * `conv1_conv 7,7,3,64 64`, sorted. Single numbers (Keras counts what a Normalization has seen) are no part of it.
 */
export function fingerprint(layers: Iterable<LayerShapes>): string {
  const lines = Array.from(layers, ([layer, shapes]) => [
    layer,
    ...shapes.filter(({ length }) => length > 0).map((shape) => shape.join()),
  ]);
  return digest(
    lines
      .filter(({ length }) => length > 1)
      .map((line) => line.join(' '))
      .sort(),
  );
}

/** 12 hex digits of lines in their order. */
export function digest(lines: readonly string[]): string {
  return createHash('sha256').update(lines.join('\n')).digest('hex').slice(0, 12);
}
