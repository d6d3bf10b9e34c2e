import { useEffect, useMemo, useState } from 'preact/hooks';

import type { EpochPoint } from '../../src/protocol/index.js';
import { csv } from '../../src/words/index.js';
import { percent, rate, significant, tick } from '../format.js';
import { send } from '../host.js';
import type { ChartOptions } from '../store.js';
import { metricWords, stageNames, text } from '../strings.js';
import { Check, Slider, Table } from '../ui/index.js';
import { Chart } from './chart.js';
import type { Curve, Quantity } from './curves.js';
import { csvHead, epochRow } from './export.js';
import { TableAndZoom } from './table-and-zoom.js';
import type { Mark } from './plot.js';
import type { Range } from './range.js';

interface ChartPairProps {
  /** Begins the names of exported files. */
  readonly name: string;
  readonly loss: readonly Curve[];
  readonly metric: readonly Curve[];
  readonly marks: readonly Mark[];
  /** For the table: the epochs of each run. */
  readonly epochs: readonly (readonly [run: string, epochs: readonly EpochPoint[]])[];
  /** What the table calls a run. */
  readonly nameOf?: (run: string) => string;
  readonly options: ChartOptions;
  readonly onOptions: (options: ChartOptions) => void;
  readonly hasBatches: boolean;
  /** The visible part came to rest. */
  readonly onRest?: (range: Range) => void;
}

/** The loss and the task's first metric side by side, with one cursor and one visible part; or the same numbers as a table. */
export function ChartPair(props: ChartPairProps) {
  const { options, onOptions, onRest, name } = props;
  const [range, setRange] = useState<Range>();
  useEffect(() => {
    if (range === undefined || onRest === undefined) return;
    const timer = setTimeout(() => {
      onRest(range);
    }, 150);
    return () => {
      clearTimeout(timer);
    };
  }, [range]);
  const several = props.epochs.length > 1;
  const rows = useMemo(
    () => props.epochs.flatMap(([run, epochs]) => epochs.map((point) => [run, epochRow(point)] as const)),
    [props.epochs],
  );
  const saveTable = () => {
    const names = csvHead(points);
    const head = several ? ['run', ...names] : names;
    const content = csv(
      head,
      rows.map(([run, row]) => (several ? [run, ...row] : row)),
    );
    send({ type: 'saveFile', name: `${name}-epochs`, format: 'csv', content });
  };
  const picture = (quantity: Quantity) => (content: string) => {
    send({ type: 'saveFile', name: `${name}-${quantity}`, format: 'png', content });
  };
  const points = props.epochs.flatMap(([, all]) => all);
  const columns = points[0] === undefined ? [] : metricWords(points[0].validation);
  const [first] = columns;
  const isFraction = points[0] === undefined || 'accuracy' in points[0].validation;
  const hasAccuracy = points.some(({ train }) => train.accuracy !== undefined);
  const common = { marks: props.marks, log: false, range, onRange: setRange };
  return (
    <section aria-labelledby="curves">
      <div class="row spread">
        <h2 id="curves">{text.curves}</h2>
        <div class="row">
          <Slider
            label={text.smoothing}
            value={options.smoothing}
            max={0.95}
            step={0.05}
            onInput={(smoothing) => {
              onOptions({ ...options, smoothing });
            }}
          />
          <Check
            label={text.logScale}
            checked={options.log}
            onChange={(log) => {
              onOptions({ ...options, log });
            }}
          />
          {props.hasBatches ? (
            <Check
              label={text.showBatches}
              checked={options.batches}
              onChange={(batches) => {
                onOptions({ ...options, batches });
              }}
            />
          ) : null}
          <TableAndZoom
            table={options.table}
            onTable={(table) => {
              onOptions({ ...options, table });
            }}
            range={range}
            onRange={setRange}
            onCsv={rows.length === 0 ? undefined : saveTable}
          />
        </div>
      </div>
      {options.table ? (
        <Table
          label={text.epochs}
          head={[
            ...(several ? [text.run] : []),
            text.epoch,
            text.stage,
            text.lossTrain,
            text.lossValidation,
            ...(hasAccuracy ? [text.accuracyTrain] : []),
            ...columns.map(({ name }, i) => (i === 0 ? text.metric(name, 'validation') : name)),
            text.learningRate,
          ]}
          rows={props.epochs.flatMap(([run, epochs]) =>
            epochs.map(({ x, stage, train, validation, learningRate }) => [
              ...(several ? [props.nameOf?.(run) ?? run] : []),
              x,
              stageNames[stage],
              significant(train.loss),
              significant(validation.loss),
              ...(hasAccuracy ? [train.accuracy === undefined ? '–' : percent(train.accuracy)] : []),
              ...metricWords(validation).map(({ of, text: written }) => written(of(validation))),
              rate(learningRate),
            ]),
          )}
        />
      ) : (
        <div class="charts">
          <Chart
            {...common}
            title={text.loss}
            curves={props.loss}
            format={significant}
            formatTick={tick}
            log={options.log}
            onPicture={picture('loss')}
          />
          <Chart
            {...common}
            title={first?.name ?? text.accuracy}
            curves={props.metric}
            fractions={isFraction}
            format={isFraction ? percent : (first?.text ?? significant)}
            formatTick={isFraction ? percentTick : tick}
            onPicture={picture('metric')}
          />
        </div>
      )}
    </section>
  );
}

function percentTick(value: number, step: number): string {
  return percent(value, step < 0.01 ? 1 : 0);
}
