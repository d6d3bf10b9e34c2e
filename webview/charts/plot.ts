/** A chart as uPlot is told to draw it. */
import type uPlot from 'uplot';

import { tick } from '../format.js';
import { text } from '../strings.js';
import type { Curve } from './curves.js';
import type { Range } from './range.js';
import type { ChartTheme } from './theme.js';

export interface Mark {
  readonly x: number;
  readonly label: string;
}

export interface ChartProps {
  readonly title: string;
  readonly curves: readonly Curve[];
  readonly marks: readonly Mark[];
  readonly log: boolean;
  /** The values are fractions: the vertical axis ends where they do. */
  readonly fractions?: boolean;
  /** Writes a value of the curves. */
  readonly format: (value: number) => string;
  /** Writes a tick of the vertical axis, `step` from the next one. */
  readonly formatTick: (value: number, step: number) => string;
  /** What the horizontal axis shows; default epochs. */
  readonly axis?: { readonly label: string; readonly tick: (value: number) => string };
  /** The visible part; undefined is everything. Shared by all charts of a view. */
  readonly range: Range | undefined;
  readonly onRange: (range: Range | undefined) => void;
  readonly onPicture: (png: string) => void;
}

export const height = 272;
const epochs = { label: text.epoch, tick };
/** Steps between ticks of the horizontal axis. */
const stepsFrom = (power: number) =>
  Array.from({ length: 10 }, (_, i) => [1, 2, 5].map((factor) => factor * 10 ** (power + i))).flat();
const [wholes, fractions] = [stepsFrom(0), stepsFrom(-3)];

export function plotOptions(
  latest: { readonly current: ChartProps },
  theme: ChartTheme,
  hidden: ReadonlySet<string>,
  width: number,
  onValues: (values: readonly (number | null | undefined)[]) => void,
): uPlot.Options {
  const axis = { stroke: theme.text, font: theme.font, grid: { stroke: theme.grid, width: 1 }, ticks: { show: false } };
  const { curves, log, fractions: bounded = false, formatTick, axis: horizontal = epochs } = latest.current;
  return {
    width,
    height,
    legend: { show: false },
    cursor: {
      sync: { key: 'graft', scales: ['x', null] },
      drag: { x: true, y: false, setScale: false },
      points: { size: 6 },
    },
    scales: { x: { time: false }, y: log ? logScale() : bounded ? fractionScale : {} },
    axes: [
      {
        ...axis,
        size: 28,
        gap: 4,
        label: horizontal.label,
        labelSize: 18,
        labelGap: 0,
        labelFont: theme.font,
        // Between two epochs there is a tick only where nothing else is seen.
        incrs: (_, _axis, from, to) => (to - from < 1 ? fractions : wholes),
        values: (_, splits) => splits.map((value) => ticks(value, horizontal.tick)),
      },
      {
        ...axis,
        size: 52,
        values: (_, splits, _axis, _space, step) => splits.map((value) => ticks(value, (it) => formatTick(it, step))),
      },
    ],
    padding: [32, 12, 0, 0],
    series: [
      {},
      ...curves.map(({ name, colour, dash, width: lineWidth, points }): uPlot.Series => {
        const stroke = theme.lines[colour % theme.lines.length] ?? theme.text;
        return {
          label: name,
          stroke,
          width: lineWidth,
          dash: [...dash],
          spanGaps: true,
          show: !hidden.has(name),
          points: { show: points, size: 5, fill: stroke },
        };
      }),
    ],
    hooks: {
      setCursor: [
        ({ cursor, data }) => {
          const { idx } = cursor;
          onValues(idx === null || idx === undefined ? [] : data.slice(1).map((column) => column[idx]));
        },
      ],
      setSelect: [
        (chart) => {
          const { left, width: selected } = chart.select;
          if (selected < 4) return;
          latest.current.onRange([chart.posToVal(left, 'x'), chart.posToVal(left + selected, 'x')]);
          chart.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
        },
      ],
      draw: [
        (chart) => {
          drawMarks(chart, latest.current.marks, theme);
        },
      ],
      ready: [
        (chart) => {
          chart.over.addEventListener('dblclick', () => {
            latest.current.onRange(undefined);
          });
        },
      ],
    },
  };
}

/** With air around the curves as usual, but never below 0 % or beyond 100 %. */
const fractionScale: uPlot.Scale = {
  range: { min: { pad: 0.1, hard: 0, mode: 0 }, max: { pad: 0.1, hard: 1, mode: 0 } },
};

/** A logarithmic axis leaves out most of its ticks. */
function ticks(value: number | null, format: (value: number) => string): string {
  return value === null ? '' : format(value);
}

/** uPlot's enum of distributions exists for its own compiler only: 3 is logarithmic. */
function logScale(): uPlot.Scale {
  return JSON.parse('{"distr":3}') as uPlot.Scale;
}

function drawMarks(chart: uPlot, marks: readonly Mark[], theme: ChartTheme): void {
  const { ctx, bbox } = chart;
  const ratio = devicePixelRatio;
  ctx.save();
  ctx.strokeStyle = ctx.fillStyle = theme.text;
  ctx.font = theme.font.replace('11px', `${11 * ratio}px`);
  ctx.lineWidth = ratio;
  ctx.textAlign = 'right';
  // Above the curves, in the lowest of two rows where a label does not lie on another.
  const taken: [from: number, to: number, row: number][] = [];
  for (const { x, label } of marks) {
    const left = Math.round(chart.valToPos(x, 'x', true));
    if (left < bbox.left || left > bbox.left + bbox.width) continue;
    ctx.setLineDash([4 * ratio, 3 * ratio]);
    ctx.beginPath();
    ctx.moveTo(left, bbox.top);
    ctx.lineTo(left, bbox.top + bbox.height);
    ctx.stroke();
    const from = left - ctx.measureText(label).width;
    const row = [0, 1].find((n) => taken.every(([a, b, other]) => other !== n || from > b || left < a));
    if (row === undefined) continue;
    taken.push([from, left + 6 * ratio, row]);
    ctx.fillText(label, left, bbox.top - (6 + 13 * row) * ratio);
  }
  ctx.restore();
}
