import type { NumberReport } from '../../src/protocol/index.js';
import { scale } from '../../src/words/index.js';
import { quantity } from '../format.js';
import { text } from '../strings.js';

const side = 300;
const margin = { left: 52, right: 14, top: 10, bottom: 26 };

/** True against predicted, for each number: where a matrix of classes would be. */
export function Scatters({ perNumber }: { readonly perNumber: readonly NumberReport[] }) {
  return (
    <section aria-labelledby="scatter">
      <h2 id="scatter">{text.scatter}</h2>
      <p class="dim">{text.scatterHelp}</p>
      <div class="scatters">
        {perNumber.map((number) => (
          <Scatter key={number.name} number={number} hasName={perNumber.length > 1} />
        ))}
      </div>
    </section>
  );
}

/** True values to the right, predicted ones upwards, on equal axes. */
function Scatter({ number, hasName }: { readonly number: NumberReport; readonly hasName: boolean }) {
  const { name, truths, predictions } = number;
  const all = [...truths, ...predictions].filter(Number.isFinite);
  const { low, high, ticks } = scale(
    all.reduce((a, b) => Math.min(a, b), Infinity),
    all.reduce((a, b) => Math.max(a, b), -Infinity),
  );
  const place = (value: number) => ((value - low) / (high - low)) * side;
  const x = (value: number) => margin.left + place(value);
  const y = (value: number) => margin.top + side - place(value);
  const label = text.scatterOf(name, truths.length);
  return (
    <figure class="scatter">
      {hasName ? <figcaption>{name}</figcaption> : null}
      <svg
        viewBox={`0 0 ${margin.left + side + margin.right} ${margin.top + side + margin.bottom}`}
        role="img"
        aria-label={label}
      >
        {ticks.map((tick) => (
          <g key={tick}>
            <line class="grid" x1={margin.left} x2={margin.left + side} y1={y(tick)} y2={y(tick)} />
            <text class="tick" x={margin.left - 6} y={y(tick) + 4} text-anchor="end">
              {quantity(tick)}
            </text>
            <text class="tick" x={x(tick)} y={margin.top + side + 18} text-anchor="middle">
              {quantity(tick)}
            </text>
          </g>
        ))}
        <line class="ideal" x1={x(low)} y1={y(low)} x2={x(high)} y2={y(high)} />
        {truths.map((truth, i) => (
          <circle key={i} cx={x(truth)} cy={y(predictions[i] ?? truth)} r="3">
            <title>{`${text.truth} ${quantity(truth)}, ${text.predicted} ${quantity(predictions[i] ?? truth)}`}</title>
          </circle>
        ))}
        <text class="tick" x={margin.left + side} y={margin.top + side - 6} text-anchor="end">
          {text.truth} →
        </text>
        <text class="tick" x={margin.left + 6} y={margin.top + 10}>
          ↑ {text.predicted}
        </text>
      </svg>
    </figure>
  );
}
