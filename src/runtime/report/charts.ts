import { html, type Html } from '../../words/index.js';

export interface Series {
  readonly name: string;
  /** A CSS class that colours it. */
  readonly style: string;
  readonly values: readonly number[];
}

const width = 520;
const height = 234;
const margin = { left: 46, right: 12, top: 24, bottom: 28 };

/** A line chart as inline SVG: one point per epoch, with vertical marks. A table with the same numbers follows it elsewhere. */
export function lineChart(
  title: string,
  series: readonly Series[],
  marks: readonly { index: number; label: string }[],
  label = (value: number) => String(Number(value.toPrecision(6))),
): Html {
  const all = series.flatMap(({ values }) => values).filter(Number.isFinite);
  const count = Math.max(...series.map(({ values }) => values.length));
  const { low, high, ticks } = scale(Math.min(...all), Math.max(...all));
  const x = (i: number) => margin.left + (count < 2 ? 0.5 : i / (count - 1)) * (width - margin.left - margin.right);
  const y = (value: number) => margin.top + (1 - (value - low) / (high - low)) * (height - margin.top - margin.bottom);
  const grid = ticks.map(
    (tick) =>
      html`<line class="grid" x1="${margin.left}" x2="${width - margin.right}" y1="${y(tick).toFixed(1)}" y2="${y(tick).toFixed(1)}"/><text class="tick" x="${margin.left - 6}" y="${(y(tick) + 4).toFixed(1)}" text-anchor="end">${label(tick)}</text>`,
  );
  const epochs = scale(1, count, 8)
    .ticks.map((tick) => Number(tick.toPrecision(6)))
    .filter((epoch) => Number.isInteger(epoch) && epoch >= 1 && epoch <= count)
    .map(
      (epoch) =>
        html`<text class="tick" x="${x(epoch - 1).toFixed(1)}" y="${height - 10}" text-anchor="middle">${epoch}</text>`,
    );
  const lines = series.map(({ style, values }) => {
    const path = values.map((value, i) => `${x(i).toFixed(1)},${y(value).toFixed(1)}`).join(' ');
    const dots = values.map(
      (value, i) =>
        html`<circle class="${style}" cx="${x(i).toFixed(1)}" cy="${y(value).toFixed(1)}" r="${count > 40 ? 1 : 2.5}"/>`,
    );
    return html`<polyline class="${style}" points="${path}"/>${dots}`;
  });
  const verticals = marks.map(
    ({ index, label: name }) =>
      html`<line class="mark" x1="${x(index).toFixed(1)}" x2="${x(index).toFixed(1)}" y1="${margin.top}" y2="${height - margin.bottom}"/><text class="tick" x="${x(index).toFixed(1)}" y="${margin.top - 8}" text-anchor="${x(index) > width / 2 ? 'end' : 'start'}">${name}</text>`,
  );
  const legend = series.map(({ name, style }) => html`<span class="key"><i class="${style}"></i>${name}</span>`);
  return html`<figure><figcaption>${title} ${legend}</figcaption><svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}">${grid}${epochs}${verticals}${lines}</svg></figure>`;
}

/** A range that holds the values and begins and ends at a round number, with round ticks, about `intervals` apart. Never empty. */
export function scale(low: number, high: number, intervals = 4): { low: number; high: number; ticks: number[] } {
  if (!Number.isFinite(low) || !Number.isFinite(high)) return { low: 0, high: 1, ticks: [0, 0.5, 1] };
  const span = high - low || Math.abs(high) || 1;
  const power = 10 ** Math.floor(Math.log10(span / intervals));
  const step = ([1, 2, 2.5, 5].find((factor) => factor * power * intervals >= span) ?? 10) * power;
  const [first, last] = [Math.floor(low / step + 1e-9), Math.ceil(high / step - 1e-9)];
  const ticks = Array.from({ length: Math.max(last, first + 1) - first + 1 }, (_, i) => (first + i) * step);
  return { low: ticks[0] ?? 0, high: ticks.at(-1) ?? 1, ticks };
}
