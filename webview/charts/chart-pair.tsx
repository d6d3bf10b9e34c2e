import { useEffect, useMemo, useState } from 'preact/hooks';

import type { EpochPoint } from '../../src/protocol/index.js';
import { csv } from '../../src/words/index.js';
import { fixed, percent, rate, significant, tick } from '../format.js';
import { send } from '../host.js';
import type { ChartOptions } from '../store.js';
import { stageNames, text } from '../strings.js';
import { Check, Slider, Table } from '../ui/index.js';
import { Chart, type Mark, type Range } from './chart.js';
import type { Curve, Quantity } from './curves.js';
import { csvHead, epochRow } from './export.js';
import { TableAndZoom } from './table-and-zoom.js';

interface ChartPairProps {
  /** Begins the names of exported files. */
  readonly name: string;
  readonly loss: readonly Curve[];
  readonly accuracy: readonly Curve[];
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

/** Loss and accuracy side by side, with one cursor and one visible part; or the same numbers as a table. */
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
    const head = several ? ['run', ...csvHead] : csvHead;
    const content = csv(
      head,
      rows.map(([run, row]) => (several ? [run, ...row] : row)),
    );
    send({ type: 'saveFile', name: `${name}-epochs`, format: 'csv', content });
  };
  const picture = (quantity: Quantity) => (content: string) => {
    send({ type: 'saveFile', name: `${name}-${quantity}`, format: 'png', content });
  };
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
            text.accuracyTrain,
            text.accuracyValidation,
            text.macroF1,
            text.learningRate,
          ]}
          rows={props.epochs.flatMap(([run, epochs]) =>
            epochs.map(({ x, stage, train, validation, learningRate }) => [
              ...(several ? [props.nameOf?.(run) ?? run] : []),
              x,
              stageNames[stage],
              significant(train.loss),
              significant(validation.loss),
              percent(train.accuracy),
              percent(validation.accuracy),
              fixed(validation.macroF1, 3),
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
            title={text.accuracy}
            curves={props.accuracy}
            fractions
            format={percent}
            formatTick={percentTick}
            onPicture={picture('accuracy')}
          />
        </div>
      )}
    </section>
  );
}

function percentTick(value: number, step: number): string {
  return percent(value, step < 0.01 ? 1 : 0);
}
