import { useMemo } from 'preact/hooks';

import type { RunRow } from '../../src/protocol/index.js';
import { ChartPair } from '../charts/chart-pair.js';
import { comparedCurves } from '../charts/curves.js';
import { count, duration, significant } from '../format.js';
import { evidenceOf } from '../run/evidence.js';
import { elapsedOf } from '../run/facts.js';
import { fittedOf } from '../run/fitted.js';
import { bestOf, bestTexts, emptyRun, type ChartOptions, type RunData } from '../store.js';
import { baseName, headline, statusNames, techniqueNames, text } from '../strings.js';
import { Check, Table } from '../ui/index.js';
import './compare.css';

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
  const names = useMemo(() => new Map(props.runs.map(({ id, title }) => [id, title])), [props.runs]);
  const nameOf = (id: string) => names.get(id) ?? id;
  const named = useMemo(() => chosen.map(([id, run]) => [nameOf(id), run] as const), [chosen, names]);
  const figures = useMemo(() => namesOf(chosen.map(([, run]) => run)), [chosen]);
  const rows = useMemo(() => named.map(([name, run]) => row(name, run, figures)), [named, figures]);
  const loss = useMemo(() => comparedCurves(named, 'loss', options), [named, options]);
  const metric = useMemo(() => comparedCurves(named, 'metric', options), [named, options]);
  const verdicts = useMemo(() => verdictsOf(ids, props.runs), [ids, props.runs]);
  const epochs = useMemo(() => chosen.map(([id, run]) => [id, run.epochs] as const), [chosen]);
  return (
    <>
      <h1>{text.compareTitle}</h1>
      <fieldset class="choices">
        <legend>{text.compareHelp}</legend>
        {props.runs.map(({ id, title, starred, status, best }) => (
          <Check
            key={id}
            label={[
              starred ? `★ ${title}` : title,
              statusNames[status],
              ...(best === undefined ? [] : [headline(best)]),
            ].join(' · ')}
            checked={ids.includes(id)}
            onChange={(checked) => {
              props.onIds(checked ? [...ids, id] : ids.filter((other) => other !== id));
            }}
          />
        ))}
      </fieldset>
      {ids.length === 0 ? null : (
        <>
          {verdicts.map((verdict) => (
            <p key={verdict} class="verdict">
              {verdict}
            </p>
          ))}
          <ChartPair
            name="compare"
            loss={loss}
            metric={metric}
            marks={[]}
            epochs={epochs}
            nameOf={nameOf}
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
              ...figures,
              text.loss,
              text.epochs,
              text.elapsed,
            ]}
            rows={rows}
          />
        </>
      )}
    </>
  );
}

/** What the runs from scratch among the chosen ones show about the pre-trained ones. */
function verdictsOf(ids: readonly string[], runs: readonly RunRow[]): string[] {
  return runs
    .filter(({ id, purpose, twin }) => purpose === 'train' && ids.includes(id) && ids.includes(twin ?? ''))
    .flatMap((row) => evidenceOf(row, runs)?.text ?? []);
}

/** The names of the figures besides the loss: those of classes where nothing is known yet. Runs of several tasks have those of all. */
function namesOf(runs: readonly RunData[]): readonly string[] {
  const names = [...new Set(runs.flatMap((run) => (bestTexts(run) ?? []).map(({ name }) => name)))];
  return names.length === 0 ? [text.accuracy, text.macroF1] : names;
}

function row(name: string, run: RunData, names: readonly string[]): string[] {
  const { facts, epochs } = run;
  const metrics = bestOf(run);
  const texts = bestTexts(run);
  return [
    name,
    facts === undefined ? '–' : statusNames[facts.status],
    facts?.model === undefined ? '–' : techniqueNames[facts.model.technique],
    facts?.model === undefined ? '–' : baseName(facts.model.base, facts.purpose),
    facts?.model?.engine ?? '–',
    ...names.map((one) => texts?.find((figure) => figure.name === one)?.text ?? '–'),
    metrics === undefined ? '–' : significant(metrics.loss),
    fittedOf(run) === undefined ? count(epochs.length) : '–',
    facts === undefined ? '–' : duration(elapsedOf(facts, Date.now())),
  ];
}
