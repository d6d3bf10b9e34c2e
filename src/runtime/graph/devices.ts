import type { Geometry } from './geometry.js';

/** What of several ways to write the same is the fastest where a graph is computed. A lowering or a gradient that has a choice asks here. */
export interface Device {
  /**
   * Whether a map has too few places to keep the weights of a convolution busy. A product over each example's places would then
   * be many slim ones: batch and places are brought together first.
   */
  readonly isSmallMap: (map: {
    readonly filters: number;
    readonly channels: number;
    readonly output: Geometry['output'];
  }) => boolean;
  /** dW of a depthwise convolution comes from the products of all columns with all columns up to this width; wider, it is too much work. */
  readonly widestByColumns: number;
}

/** A row for each device: measured with bench/step.ts. */
export const devices = {
  cpu: {
    isSmallMap: ({ filters, channels, output: [height, width] }) =>
      filters * channels > height * width * (filters + channels),
    widestByColumns: 56,
  },
} as const satisfies Readonly<Record<string, Device>>;
