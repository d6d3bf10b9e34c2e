// More than 300 lines: a chart is one component around uPlot's own state, and what would be split off would take that state along.
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';

import { tick } from '../format.js';
import { text } from '../strings.js';
import { Button } from '../ui/index.js';
import { aligned, type Curve } from './curves.js';
import { pictureOf } from './export.js';
import { chartTheme, type ChartTheme } from './theme.js';
import 'uplot/dist/uPlot.min.css';
import './charts.css';

export interface Mark {
  readonly x: number;
  readonly label: string;
}

export type Range = readonly [number, number];

interface ChartProps {
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

const height = 272;
const epochs = { label: text.epoch, tick };
/** Steps between ticks of the horizontal axis. */
const stepsFrom = (power: number) =>
  Array.from({ length: 10 }, (_, i) => [1, 2, 5].map((factor) => factor * 10 ** (power + i))).flat();
const [wholes, fractions] = [stepsFrom(0), stepsFrom(-3)];

/** One uPlot chart. It is built anew when its shape changes (lines, scale, theme) and otherwise only gets new numbers. */
export function Chart(props: ChartProps) {
  const holder = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const latest = useRef(props);
  latest.current = props;
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const [values, setValues] = useState<readonly (number | null | undefined)[]>([]);
  const theme = useTheme();
  const shape = JSON.stringify([
    props.log,
    props.curves.map(({ name, points, dash }) => [name, points, dash]),
    [...hidden],
    theme,
  ]);

  useEffect(() => {
    const element = holder.current;
    if (element === null) return;
    const chart = new uPlot(
      options(latest, theme, hidden, element.clientWidth, setValues),
      aligned(latest.current.curves),
      element,
    );
    plot.current = chart;
    showRange(chart, latest.current.range);
    const stopPanning = panByDragging(chart, latest);
    const observer = new ResizeObserver(() => {
      chart.setSize({ width: element.clientWidth, height });
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      stopPanning();
      chart.destroy();
    };
  }, [shape]);
  // Before the frame is drawn, so that both charts move together.
  useLayoutEffect(() => {
    // A chart of other lines is on its way.
    if (plot.current?.series.length === props.curves.length + 1) plot.current.setData(aligned(props.curves), false);
  }, [props.curves]);
  useLayoutEffect(() => {
    if (plot.current !== undefined) showRange(plot.current, props.range);
  }, [props.curves, props.range]);

  const toggle = (name: string) => {
    const next = new Set(hidden);
    if (!next.delete(name)) next.add(name);
    setHidden(next);
  };
  const shown = (value: number | null | undefined) => (typeof value === 'number' ? props.format(value) : '');
  const onKey = (event: KeyboardEvent) => {
    const [min, max] = visible(plot.current);
    const step = (max - min) * 0.2;
    const moves: Record<string, Range | undefined> = {
      ArrowLeft: [min - step, max - step],
      ArrowRight: [min + step, max + step],
      '+': [min + step, max - step],
      '-': [min - step, max + step],
      '0': undefined,
    };
    if (!Object.hasOwn(moves, event.key)) return;
    event.preventDefault();
    props.onRange(clamp(moves[event.key], props.curves));
  };
  return (
    <figure class="chart">
      <figcaption>
        <h3>{props.title}</h3>
        <ul class="legend">
          {props.curves.map(({ name, colour, dash }, i) => (
            <li key={name}>
              <button
                type="button"
                aria-pressed={!hidden.has(name)}
                onClick={() => {
                  toggle(name);
                }}
              >
                <svg width="18" height="8" aria-hidden="true">
                  <line
                    x1="0"
                    x2="18"
                    y1="4"
                    y2="4"
                    stroke={theme.lines[colour % theme.lines.length]}
                    stroke-width="2"
                    stroke-dasharray={dash.join(' ')}
                  />
                </svg>
                {name} <span class="value">{shown(values[i])}</span>
              </button>
            </li>
          ))}
        </ul>
        <span class="end">
          <Button
            onClick={() => {
              if (plot.current !== undefined)
                props.onPicture(pictureOf(plot.current, props.title, props.curves, theme));
            }}
          >
            {text.exportPng}
          </Button>
        </span>
      </figcaption>
      <div
        ref={holder}
        class="plot"
        role="application"
        tabIndex={0}
        aria-label={`${props.title}. ${text.chartHelp}`}
        title={text.chartHelp}
        onKeyDown={onKey}
      />
    </figure>
  );
}

function options(
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

/** Shift and drag moves the visible part. */
function panByDragging(chart: uPlot, latest: { readonly current: ChartProps }): () => void {
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

function visible(chart: uPlot | undefined): Range {
  const scale = chart?.scales['x'];
  return [scale?.min ?? 0, scale?.max ?? 1];
}

function extent(curves: readonly Curve[]): Range {
  const ends = curves.flatMap(({ x }) => [x[0], x.at(-1)]).filter((x) => x !== undefined);
  return ends.length === 0 ? [0, 1] : [Math.min(...ends), Math.max(...ends)];
}

/** Keeps the visible part inside what there is. */
function clamp(range: Range | undefined, curves: readonly Curve[]): Range | undefined {
  if (range === undefined || range[1] <= range[0]) return undefined;
  const [low, high] = extent(curves);
  const width = range[1] - range[0];
  if (width >= high - low) return undefined;
  const from = Math.min(Math.max(range[0], low), high - width);
  return [from, from + width];
}

function showRange(chart: uPlot, range: Range | undefined): void {
  const [x] = chart.data;
  const min = range?.[0] ?? x[0] ?? 0;
  const max = range?.[1] ?? x.at(-1) ?? 1;
  chart.setScale('x', { min, max: max > min ? max : min + 1 });
}

/** The theme, read again when the editor changes it. */
function useTheme(): ChartTheme {
  const [theme, setTheme] = useState(chartTheme);
  useEffect(() => {
    const observer = new MutationObserver(() => {
      setTheme(chartTheme());
    });
    observer.observe(document.body, { attributes: true, attributeFilter: ['class', 'data-vscode-theme-id'] });
    observer.observe(document.documentElement, { attributes: true, attributeFilter: ['style'] });
    return () => {
      observer.disconnect();
    };
  }, []);
  return theme;
}
