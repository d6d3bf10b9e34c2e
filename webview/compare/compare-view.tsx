import { useMemo } from 'preact/hooks';

import type { RunRow } from '../../src/protocol/index.js';
import { ChartPair } from '../charts/chart-pair.js';
import { comparedCurves } from '../charts/curves.js';
import { duration, fileName, moment, percent } from '../format.js';
import { emptyRun, type ChartOptions, type RunData } from '../store.js';
import { statusNames, techniqueNames, text } from '../strings.js';
import { Check, Table } from '../ui/index.js';

/** Validation curves of several runs over each other, and their figures in a table. */
export function CompareView(props: {
  readonly ids: readonly string[];
  readonly runs: readonly RunRow[];
  readonly data: Readonly<Record<string, RunData>>;
  readonly options: ChartOptions;
  readonly onOptions: (options: ChartOptions) => void;
  readonly onIds: (ids: readonly string[]) => void;
}) {
  const { ids, options } = props;
  const chosen = useMemo(() => ids.map((id) => [id, props.data[id] ?? emptyRun] as const), [ids, props.data]);
  const loss = useMemo(() => comparedCurves(chosen, 'loss', options), [chosen, options]);
  const accuracy = useMemo(() => comparedCurves(chosen, 'accuracy', options), [chosen, options]);
  const epochs = useMemo(() => chosen.map(([id, run]) => [id, run.epochs] as const), [chosen]);
  return (
    <>
      <h1>{text.compareTitle}</h1>
      <fieldset class="choices">
        <legend>{text.compareHelp}</legend>
        {props.runs.map(({ id, script, startTime }) => (
          <Check
            key={id}
            label={`${id} · ${fileName(script)} · ${moment(startTime)}`}
            checked={ids.includes(id)}
            onChange={(checked) => {
              props.onIds(checked ? [...ids, id] : ids.filter((other) => other !== id));
            }}
          />
        ))}
      </fieldset>
      {ids.length === 0 ? null : (
        <>
          <ChartPair
            name="compare"
            loss={loss}
            accuracy={accuracy}
            marks={[]}
            epochs={epochs}
            options={options}
            onOptions={props.onOptions}
            hasBatches={false}
          />
          <Table
            label={text.compareTitle}
            head={[
              text.run,
              text.status,
              text.technique,
              text.base,
              text.engine,
              text.accuracy,
              text.macroF1,
              text.loss,
              text.epochs,
              text.elapsed,
            ]}
            rows={chosen.map(([id, run]) => row(id, run))}
          />
        </>
      )}
    </>
  );
}

function row(id: string, { facts, epochs, report }: RunData): string[] {
  const metrics = report?.metrics ?? epochs.findLast(({ best }) => best)?.validation;
  return [
    id,
    facts === undefined ? '–' : statusNames[facts.status],
    facts?.model === undefined ? '–' : techniqueNames[facts.model.technique],
    facts?.model?.base ?? '–',
    facts?.model?.engine ?? '–',
    metrics === undefined ? '–' : percent(metrics.accuracy),
    metrics === undefined ? '–' : metrics.macroF1.toFixed(3),
    metrics === undefined ? '–' : metrics.loss.toFixed(4),
    String(epochs.length),
    facts?.endTime === undefined ? '–' : duration(facts.endTime - facts.startTime),
  ];
}
