import { html, scale, type Html } from '../../words/index.js';

interface Series {
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

/** True values to the right, predicted ones upwards, on equal axes: on the line both are the same. */
export function scatterChart(name: string, truths: readonly number[], predictions: readonly number[]): Html {
  const all = [...truths, ...predictions].filter(Number.isFinite);
  const { low, high, ticks } = scale(
    all.reduce((a, b) => Math.min(a, b), Infinity),
    all.reduce((a, b) => Math.max(a, b), -Infinity),
  );
  const side = height - margin.top - margin.bottom;
  const x = (value: number) => (margin.left + ((value - low) / (high - low)) * side).toFixed(1);
  const y = (value: number) => (margin.top + (1 - (value - low) / (high - low)) * side).toFixed(1);
  const label = (value: number) => String(Number(value.toPrecision(6)));
  const grid = ticks.map(
    (tick) =>
      html`<line class="grid" x1="${margin.left}" x2="${margin.left + side}" y1="${y(tick)}" y2="${y(tick)}"/><text class="tick" x="${margin.left - 6}" y="${Number(y(tick)) + 4}" text-anchor="end">${label(tick)}</text><text class="tick" x="${x(tick)}" y="${height - 10}" text-anchor="middle">${label(tick)}</text>`,
  );
  const dots = truths.map(
    (truth, i) => html`<circle class="a" cx="${x(truth)}" cy="${y(predictions[i] ?? truth)}" r="2.5"/>`,
  );
  const title = `${name}: true to the right, predicted upwards`;
  return html`<figure><figcaption>${title}</figcaption><svg viewBox="0 0 ${margin.left + side + margin.right} ${height}" role="img" aria-label="${title}">${grid}<line class="mark" x1="${x(low)}" x2="${x(high)}" y1="${y(low)}" y2="${y(high)}"/>${dots}</svg></figure>`;
}
