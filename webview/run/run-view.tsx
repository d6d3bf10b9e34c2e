import { useCallback, useEffect, useMemo, useState } from 'preact/hooks';

import { isActive, type PanelControl, type RunFacts, type RunRow } from '../../src/protocol/index.js';
import type { Mark } from '../charts/plot.js';
import type { Range } from '../charts/range.js';
import { ChartPair } from '../charts/chart-pair.js';
import { runCurves } from '../charts/curves.js';
import { ask, send } from '../host.js';
import { Results } from '../results/results.js';
import { bestOf, bestTexts, type Answered, type ChartOptions, type RunData } from '../store.js';
import { phaseNames, problemOf, stageNames, statusNames, text } from '../strings.js';
import { Banner, Button } from '../ui/index.js';
import { FromScratch, Worth } from './evidence.js';
import { DataSection, Facts, LogSection } from './facts.js';
import { Fitted, fittedOf } from './fitted.js';
import { Phases } from './phases.js';
import { Rates } from './rates.js';
import { TrustedButton } from './trusted-button.js';
import './run.css';

interface RunViewProps {
  readonly id: string;
  readonly run: RunData;
  /** All that there are: what the list knows of this one, and of the one to hold against it. */
  readonly runs: readonly RunRow[];
  readonly trusted: boolean;
  readonly options: ChartOptions;
  readonly onOptions: (options: ChartOptions) => void;
  readonly onAnswer: (answer: Answered) => void;
}

export function RunView({ id, run, runs, trusted, options, onOptions, onAnswer }: RunViewProps) {
  const { facts, report } = run;
  const row = runs.find((one) => one.id === id);
  const live = facts !== undefined && isActive(facts);
  const now = useNow(live);
  const loss = useMemo(() => runCurves(run, 'loss', options), [run.epochs, run.batches, run.detail, options]);
  const metric = useMemo(() => runCurves(run, 'metric', options), [run.epochs, run.batches, run.detail, options]);
  const marks = useMemo(() => marksOf(run), [run.epochs, facts?.stages]);
  const epochs = useMemo(() => [[id, run.epochs] as const], [id, run.epochs]);
  const onRest = useCallback(
    ([from, to]: Range) => {
      void ask('detail', { id, from, to }).then((answer) => {
        if (answer.ok && answer.value !== undefined) onAnswer({ type: 'detail', id, from, to, points: answer.value });
      });
    },
    [id, onAnswer],
  );
  const texts = useMemo(() => bestTexts(run), [report, run.epochs, facts?.data]);
  if (facts === undefined) return <p class="dim">{text.loading}</p>;
  const metrics = bestOf(run);
  const any = run.epochs.length > 0 || run.batches.x.length > 0;
  const fitted = fittedOf(run);
  return (
    <>
      <Header id={id} facts={facts} trusted={trusted} />
      <Problem id={id} facts={facts} />
      {row?.purpose === 'from-scratch' ? <FromScratch row={row} runs={runs} /> : null}
      {live ? <Warning facts={facts} /> : null}
      <Phases facts={facts} now={now} />
      <Facts facts={facts} metrics={metrics} texts={texts} now={now} />
      {facts.purpose === 'learning-rate' ? (
        <Rates id={id} facts={facts} trusted={trusted} />
      ) : fitted !== undefined ? (
        <Fitted point={fitted} texts={texts} />
      ) : any ? (
        <ChartPair
          name={id}
          loss={loss}
          metric={metric}
          marks={marks}
          epochs={epochs}
          options={options}
          onOptions={onOptions}
          hasBatches={run.batches.x.length > 0}
          onRest={onRest}
        />
      ) : !live ? null : (
        <p class="placeholder">{facts.model?.technique === 'feature-extraction' ? text.fitting : text.noCurve}</p>
      )}
      {row?.purpose === 'train' && row.status === 'done' ? <Worth row={row} runs={runs} trusted={trusted} /> : null}
      {report === undefined ? null : <Results id={id} report={report} />}
      <DataSection facts={facts} />
      <LogSection log={facts.log ?? []} />
    </>
  );
}

function Header({ id, facts, trusted }: { readonly id: string; readonly facts: RunFacts; readonly trusted: boolean }) {
  const { status } = facts;
  const control = (request: PanelControl) => () => {
    send({ type: 'control', id, request });
  };
  const live = isActive(facts);
  const cutShort = status === 'stopped' || status === 'failed' || status === 'interrupted';
  return (
    <header class="row spread">
      <div>
        <h1>
          {facts.title} <span class={`status ${status}`}>{statusText(facts)}</span>
        </h1>
      </div>
      <div class="row">
        {live ? (
          <>
            <Button onClick={control(status === 'paused' ? 'continue' : 'pause')}>
              {status === 'paused' ? text.continue : text.pause}
            </Button>
            <Button onClick={control('checkpoint')}>{text.checkpoint}</Button>
            <Button primary onClick={control('stop')}>
              {text.stop}
            </Button>
          </>
        ) : null}
        {cutShort && facts.resumable ? (
          <TrustedButton primary trusted={trusted} onClick={control('resume')}>
            {text.resume}
          </TrustedButton>
        ) : null}
        {cutShort && !facts.resumable ? (
          <TrustedButton
            primary
            trusted={trusted}
            onClick={() => {
              send({ type: 'command', command: 'train', id });
            }}
          >
            {text.trainAgain}
          </TrustedButton>
        ) : null}
        {status === 'done' && facts.purpose === 'train' ? (
          <>
            <TrustedButton
              primary
              trusted={trusted}
              onClick={() => {
                send({ type: 'command', command: 'tryModel', id });
              }}
            >
              {text.tryModel}
            </TrustedButton>
            <TrustedButton
              trusted={trusted}
              onClick={() => {
                send({ type: 'command', command: 'exportModel', id });
              }}
            >
              {text.exportModel}
            </TrustedButton>
          </>
        ) : null}
        <Button
          onClick={() => {
            send({ type: 'openScript', id });
          }}
        >
          {text.openScript}
        </Button>
      </div>
    </header>
  );
}

/** With the phase or stage that runs. Under the debugger a run goes on as far as the debugger lets it. */
function statusText(facts: RunFacts): string {
  const { status, debugging } = facts;
  if (status !== 'running') return statusNames[status];
  if (debugging === 'halted') return text.atBreakpoint;
  const at = nowRunning(facts);
  return [debugging === undefined ? statusNames[status] : text.debugging, ...(at === undefined ? [] : [at])].join(
    ' · ',
  );
}

function nowRunning({ phases, stages, purpose }: RunFacts): string | undefined {
  const active = phases.find(({ state }) => state === 'active')?.phase;
  const stage = stages.at(-1)?.stage;
  if (active === undefined) return undefined;
  return active === 'train' && stage !== undefined && purpose === 'train' ? stageNames[stage] : phaseNames[active];
}

/** What happened and what to do. */
function Problem({ id, facts }: { readonly id: string; readonly facts: RunFacts }) {
  const known = problemOf(facts.status, facts.resumable);
  if (known === undefined) return null;
  const { message, action } = { ...known, ...facts.problem };
  return (
    <Banner tone={facts.status === 'stopped' ? 'info' : 'error'} message={message} action={action}>
      <Button
        onClick={() => {
          send({ type: 'command', command: 'openLog', id });
        }}
      >
        {text.openLog}
      </Button>
    </Banner>
  );
}

/** The newest thing that a run going on has to say; all are listed below its data. */
function Warning({ facts }: { readonly facts: RunFacts }) {
  const warning = facts.warnings.at(-1);
  return warning === undefined ? null : <Banner tone="warning" message={warning.message} action={warning.action} />;
}

function marksOf({ epochs, facts }: RunData): Mark[] {
  const unfrozen = (facts?.stages ?? []).filter(({ stage, x }) => stage === 'fine-tune' && x > 0);
  const best = epochs.findLast((point) => point.best);
  return [
    ...unfrozen.map(({ x }) => ({ x, label: text.unfrozen })),
    ...(best === undefined || epochs.length < 2 ? [] : [{ x: best.x, label: text.best }]),
  ];
}

/** Time for what counts up or down: each second while something goes on. */
function useNow(live: boolean): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!live) return;
    const timer = setInterval(() => {
      setNow(Date.now());
    }, 1_000);
    return () => {
      clearInterval(timer);
    };
  }, [live]);
  return now;
}

/** For screen readers: the phase and the status, not more often than every two seconds. */
export function Announcer({ facts }: { readonly facts: RunFacts | undefined }) {
  const [said, setSaid] = useState('');
  const words = facts === undefined ? '' : text.now(nowRunning(facts) ?? '', statusNames[facts.status]);
  useEffect(() => {
    const timer = setTimeout(() => {
      setSaid(words);
    }, 2_000);
    return () => {
      clearTimeout(timer);
    };
  }, [words]);
  return (
    <div class="sr-only" aria-live="polite">
      {said}
    </div>
  );
}
