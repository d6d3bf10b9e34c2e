import { render } from 'preact';
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import './base.css';

import { isPanelView, panelVersion, type PanelView } from '../src/protocol/index.js';
import { CompareView } from './compare/compare-view.js';
import { FormView } from './form/form-view.js';
import { greet, listen, loadState, saveState, send, type ToldMessage } from './host.js';
import { keepPlace } from './place.js';
import { Going } from './run/going.js';
import { Announcer, RunView } from './run/run-view.js';
import { emptyRun, reduce, restored, trainingsOf, type Answered, type State } from './store.js';
import { showHidden } from './shown.js';
import { statusNames, text } from './strings.js';
import { TryView } from './try/try-view.js';
import { Banner, Button, Select } from './ui/index.js';

function App() {
  const [state, setState] = useState<State>(() => restored(loadState()));
  const [outdated, setOutdated] = useState(false);
  const [isLate, setIsLate] = useState(false);
  /** The runs of which something has come that is not on the screen yet. */
  const undrawn = useRef(new Set<string>());
  useEffect(() => {
    listen(
      inFrames((messages) => {
        for (const message of messages) if (message.type === 'run') undrawn.current.add(message.id);
        setState((old) => messages.reduce(reduce, old));
      }),
      () => {
        setOutdated(true);
      },
    );
    const { view } = state;
    const asked = view !== undefined && isPanelView(view) ? { view } : {};
    return greet({ type: 'ready', version: panelVersion, ...asked }, setIsLate);
  }, []);
  // The charts' own effects come before this one.
  useEffect(() => {
    for (const run of undrawn.current) send({ type: 'drawn', id: run });
    undrawn.current.clear();
  });
  const { view, options, choice } = state;
  // Before it is seen: whoever sees it may leave at once.
  useLayoutEffect(() => {
    // A view that the host has not answered yet is not worth keeping.
    if (view !== undefined) saveState({ view, options, choice });
  }, [view, options, choice]);
  const onOptions = useCallback((next: State['options']) => {
    setState((old) => ({ ...old, options: next }));
  }, []);
  const onAnswer = useCallback((answer: Answered) => {
    setState((old) => reduce(old, answer));
  }, []);
  const onChoice = useCallback((next: State['choice']) => {
    setState((old) => ({ ...old, choice: next }));
  }, []);

  if (outdated) return <Banner tone="warning" message={text.otherVersion} />;
  const late = isLate ? <Banner tone="warning" message={text.late} action={text.lateAction} /> : null;
  if (view === undefined) return late ?? <p class="dim">{text.loading}</p>;
  const id = view.kind === 'run' ? view.id : undefined;
  return (
    <main>
      {late}
      <Bar state={state} view={view} />
      <Going runs={state.runs} shown={view.kind === 'compare' ? view.ids : id === undefined ? [] : [id]} />
      {state.trusted ? null : (
        <Banner tone="warning" message={text.untrusted}>
          <Button
            onClick={() => {
              send({ type: 'command', command: 'manageTrust' });
            }}
          >
            {text.manageTrust}
          </Button>
        </Banner>
      )}
      {state.notice === undefined ? null : (
        <Banner
          tone={state.notice.good === true ? 'info' : 'error'}
          message={state.notice.message}
          action={state.notice.action}
        >
          <Button
            onClick={() => {
              setState((old) => ({ ...old, notice: undefined }));
            }}
          >
            {text.dismiss}
          </Button>
        </Banner>
      )}
      {view.kind === 'form' ? <FormView state={state} onChoice={onChoice} onAnswer={onAnswer} /> : null}
      {view.kind === 'try' ? (
        <TryView
          name={view.name}
          tried={state.tried}
          trusted={state.trusted}
          onAnswer={onAnswer}
          onTried={(change) => {
            setState((old) => ({ ...old, tried: change(old.tried) }));
          }}
        />
      ) : null}
      {view.kind === 'compare' ? (
        <CompareView
          ids={view.ids}
          runs={trainingsOf(state.runs)}
          data={state.data}
          options={options}
          onOptions={onOptions}
          onIds={(ids) => {
            navigate({ kind: 'compare', ids });
          }}
        />
      ) : null}
      {view.kind === 'run' && state.missing ? <Empty gone={id !== undefined} /> : null}
      {id !== undefined && !state.missing ? (
        <RunView
          key={id}
          id={id}
          run={state.data[id] ?? emptyRun}
          runs={state.runs}
          trusted={state.trusted}
          options={options}
          onOptions={onOptions}
          onAnswer={onAnswer}
        />
      ) : null}
      <Announcer facts={id === undefined ? undefined : state.data[id]?.facts} />
    </main>
  );
}

/** Runs to choose from, and the ways to the other views. */
function Bar({ state: { runs }, view }: { readonly state: State; readonly view: PanelView }) {
  // The empty page offers the same.
  if (runs.length === 0 && view.kind === 'run') return null;
  const id = view.kind === 'run' ? (view.id ?? '') : '';
  const trainings = trainingsOf(runs);
  return (
    <nav class="topbar row spread" aria-label={text.run}>
      {runs.length === 0 ? (
        <span />
      ) : (
        <Select
          label={text.run}
          value={id}
          options={[
            ...(runs.some((run) => run.id === id) ? [] : [{ value: id, label: text.otherRun }]),
            ...runs.map((run) => ({
              value: run.id,
              label: `${run.starred ? '★ ' : ''}${run.title} · ${statusNames[run.status]}`,
            })),
          ]}
          onChange={(next) => {
            if (next !== '') navigate({ kind: 'run', id: next });
          }}
        />
      )}
      <div class="row">
        {trainings.length < 2 ? null : (
          <Button
            onClick={() => {
              // With two there is nothing to choose.
              const all = id === '' || trainings.length === 2;
              navigate({ kind: 'compare', ids: all ? trainings.slice(0, 2).map((run) => run.id) : [id] });
            }}
          >
            {text.compare}
          </Button>
        )}
        {view.kind === 'form' ? (
          <Button
            onClick={() => {
              navigate({ kind: 'run' });
            }}
          >
            {text.cancel}
          </Button>
        ) : (
          <Button
            onClick={() => {
              navigate({ kind: 'form' });
            }}
          >
            {text.newTraining}
          </Button>
        )}
      </div>
    </nav>
  );
}

function Empty({ gone }: { readonly gone: boolean }) {
  return (
    <section class="empty">
      <h1>{gone ? text.goneTitle : text.emptyTitle}</h1>
      <p>{gone ? text.gone : text.empty}</p>
      <div class="row">
        <Button
          primary
          onClick={() => {
            navigate({ kind: 'form' });
          }}
        >
          {text.newTraining}
        </Button>
        <Button
          onClick={() => {
            send({ type: 'command', command: 'openSample' });
          }}
        >
          {text.openSample}
        </Button>
      </div>
    </section>
  );
}

function navigate(view: PanelView): void {
  send({ type: 'navigate', view });
}

/** Messages that arrive within one frame change the page once. */
function inFrames(apply: (messages: readonly ToldMessage[]) => void): (message: ToldMessage) => void {
  let waiting: ToldMessage[] = [];
  return (message) => {
    waiting.push(message);
    if (waiting.length > 1) return;
    requestAnimationFrame(() => {
      const messages = waiting;
      waiting = [];
      apply(messages);
    });
  };
}

showHidden();
const root = document.getElementById('root');
if (root !== null) {
  // It says that it loads.
  root.replaceChildren();
  render(<App />, root);
  keepPlace(root);
}
