/** The part of the horizontal axis that is seen. */
import type uPlot from 'uplot';

import type { Curve } from './curves.js';

export type Range = readonly [number, number];

interface Panned {
  readonly curves: readonly Curve[];
  readonly onRange: (range: Range | undefined) => void;
}

/** Shift and drag moves the visible part. */
export function panByDragging(chart: uPlot, latest: { readonly current: Panned }): () => void {
  const onDown = (down: MouseEvent) => {
    if (!down.shiftKey) return;
    down.stopImmediatePropagation();
    const [min, max] = visible(chart);
    const perPixel = (max - min) / chart.over.clientWidth;
    const onMove = (move: MouseEvent) => {
      const shift = (down.clientX - move.clientX) * perPixel;
      latest.current.onRange(clamp([min + shift, max + shift], latest.current.curves));
    };
    const onUp = () => {
      window.removeEventListener('mousemove', onMove);
      window.removeEventListener('mouseup', onUp);
    };
    window.addEventListener('mousemove', onMove);
    window.addEventListener('mouseup', onUp);
  };
  chart.over.addEventListener('mousedown', onDown, { capture: true });
  return () => {
    chart.over.removeEventListener('mousedown', onDown, { capture: true });
  };
}

export function visible(chart: uPlot | undefined): Range {
  const scale = chart?.scales['x'];
  return [scale?.min ?? 0, scale?.max ?? 1];
}

function extent(curves: readonly Curve[]): Range {
  const ends = curves.flatMap(({ x }) => [x[0], x.at(-1)]).filter((x) => x !== undefined);
  return ends.length === 0 ? [0, 1] : [Math.min(...ends), Math.max(...ends)];
}

/** Keeps the visible part inside what there is. */
export function clamp(range: Range | undefined, curves: readonly Curve[]): Range | undefined {
  if (range === undefined || range[1] <= range[0]) return undefined;
  const [low, high] = extent(curves);
  const width = range[1] - range[0];
  if (width >= high - low) return undefined;
  const from = Math.min(Math.max(range[0], low), high - width);
  return [from, from + width];
}

export function showRange(chart: uPlot, range: Range | undefined): void {
  const [x] = chart.data;
  const min = range?.[0] ?? x[0] ?? 0;
  const max = range?.[1] ?? x.at(-1) ?? 1;
  chart.setScale('x', { min, max: max > min ? max : min + 1 });
}
