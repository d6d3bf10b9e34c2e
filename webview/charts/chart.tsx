import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';

import { text } from '../strings.js';
import { Button } from '../ui/index.js';
import { aligned } from './curves.js';
import { pictureOf } from './export.js';
import { height, plotOptions, type ChartProps } from './plot.js';
import { clamp, panByDragging, showRange, visible, type Range } from './range.js';
import { useTheme } from './theme.js';
import 'uplot/dist/uPlot.min.css';
import './charts.css';

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
      plotOptions(latest, theme, hidden, element.clientWidth, setValues),
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
