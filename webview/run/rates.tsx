import { useMemo, useState } from 'preact/hooks';

import { isActive, type RunFacts } from '../../src/protocol/index.js';
import { Chart } from '../charts/chart.js';
import type { Range } from '../charts/range.js';
import type { Curve } from '../charts/curves.js';
import { csv } from '../../src/words/index.js';
import { TableAndZoom } from '../charts/table-and-zoom.js';
import { rate, significant, tick } from '../format.js';
import { send } from '../host.js';
import { text } from '../strings.js';
import { Banner, Table } from '../ui/index.js';
import { TrustedButton } from './trusted-button.js';

interface RatesProps {
  readonly id: string;
  readonly facts: RunFacts;
  readonly trusted: boolean;
}

/** A test of learning rates: the loss over the rate, and the one to train with. */
export function Rates({ id, facts, trusted }: RatesProps) {
  const { learningRates } = facts;
  const [range, setRange] = useState<Range>();
  const [table, setTable] = useState(false);
  const curves = useMemo(() => curvesOf(learningRates), [learningRates]);
  const suggestion = learningRates?.suggestion;
  const marks = useMemo(
    () => (suggestion === undefined ? [] : [{ x: Math.log10(suggestion), label: rate(suggestion) }]),
    [suggestion],
  );
  const { rates = [], losses = [], smoothed = [] } = learningRates ?? {};
  const rows = rates.map((one, i) => [one, losses[i], smoothed[i]] as const);
  const saveTable = () => {
    const content = csv(
      ['learning_rate', 'loss', 'smoothed'],
      rows.map((row) => row.map((value) => value ?? '')),
    );
    send({ type: 'saveFile', name: `${id}-learning-rates`, format: 'csv', content });
  };
  return (
    <>
      <Verdict id={id} facts={facts} trusted={trusted} />
      {rates.length < 2 ? (
        isActive(facts) && <p class="placeholder">{text.noRates}</p>
      ) : (
        <section aria-labelledby="rates">
          <div class="row spread">
            <h2 id="rates">{text.rates}</h2>
            <div class="row">
              <TableAndZoom table={table} onTable={setTable} range={range} onRange={setRange} onCsv={saveTable} />
            </div>
          </div>
          {table ? (
            <Table
              label={text.rates}
              head={[text.learningRate, text.loss, text.smoothed]}
              rows={rows.map(([one, loss, mean]) => [rate(one), significant(loss), significant(mean)])}
            />
          ) : (
            <div class="charts single">
              <Chart
                title={text.loss}
                curves={curves}
                marks={marks}
                log={false}
                format={significant}
                formatTick={tick}
                axis={logarithmic}
                range={range}
                onRange={setRange}
                onPicture={(content) => {
                  send({ type: 'saveFile', name: `${id}-learning-rates`, format: 'png', content });
                }}
              />
            </div>
          )}
        </section>
      )}
    </>
  );
}

/** The chart's horizontal axis is the rate's logarithm. */
const logarithmic = { label: text.learningRate, tick: (value: number) => rate(10 ** value) };

/** What the curve says, and what to do. */
function Verdict({ id, facts, trusted }: RatesProps) {
  const suggestion = facts.learningRates?.suggestion;
  if (facts.status !== 'done') return <Banner tone="info" message={text.ratesHelp} />;
  if (suggestion === undefined) return <Banner tone="warning" message={text.noRate} action={text.noRateAction} />;
  return (
    <Banner tone="info" message={text.goodRate(suggestion)} action={text.goodRateWhy}>
      <TrustedButton
        primary
        trusted={trusted}
        onClick={() => {
          send({ type: 'command', command: 'useLearningRate', id });
        }}
      >
        {text.useRate(suggestion)}
      </TrustedButton>
    </Banner>
  );
}

function curvesOf(found: RunFacts['learningRates']): Curve[] {
  const x = (found?.rates ?? []).map(Math.log10);
  const common = { points: false, x };
  return [
    { ...common, name: text.loss, colour: 2, dash: [1, 2], width: 1, y: found?.losses ?? [] },
    { ...common, name: text.smoothed, colour: 0, dash: [], width: 2, y: found?.smoothed ?? [] },
  ];
}
