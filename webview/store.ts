import {
  assertUnreachable,
  withoutPreset,
  type Answer,
  type BaseOption,
  type BatchPoints,
  type DataSummary,
  type EpochPoint,
  type FormChoice,
  type Metrics,
  type PanelView,
  type Prediction,
  type Patch,
  type ReportView,
  type RunFacts,
  type RunRow,
} from '../src/protocol/index.js';
import { scriptName, sidesOf, type NamedFigure } from '../src/words/index.js';
import type { ToldMessage } from './host.js';
import { figuresShown, metricsShown, text } from './strings.js';

export interface RunData {
  readonly facts?: RunFacts;
  readonly epochs: readonly EpochPoint[];
  readonly batches: BatchPoints;
  /** A finer view of a part of the batches. */
  readonly detail?: { readonly from: number; readonly to: number; readonly points: BatchPoints };
  readonly report?: ReportView;
}

export interface ChartOptions {
  /** Weight of the past in [0, 1). */
  readonly smoothing: number;
  readonly log: boolean;
  readonly batches: boolean;
  readonly table: boolean;
}

/** What was given to the model: the newest first. */
export interface Tried {
  /** Tickets of questions without an answer yet, and how many pictures each asks about. */
  readonly waiting: readonly number[];
  readonly pictures: readonly Prediction[];
}

export interface State {
  readonly trusted: boolean;
  readonly workspace: boolean;
  readonly runs: readonly RunRow[];
  readonly view: PanelView | undefined;
  readonly missing: boolean;
  readonly data: Readonly<Record<string, RunData>>;
  readonly notice: { readonly message: string; readonly action?: string; readonly good?: boolean } | undefined;
  readonly options: ChartOptions;
  readonly choice: FormChoice;
  readonly bases: Answer<readonly BaseOption[]> | undefined;
  /** A base from a file, described. */
  readonly fileBase: { readonly base: string; readonly answer: Answer<BaseOption> } | undefined;
  readonly summary: { readonly folder: string; readonly answer: Answer<DataSummary> } | undefined;
  readonly tried: Tried;
  readonly preview: { readonly answer: Answer<string> } | undefined;
}

export const emptyRun: RunData = { epochs: [], batches: { x: [], loss: [], accuracy: [] } };

/** What a run has reached: its report's, or its best epoch's. */
export function bestOf({ report, epochs }: RunData): Metrics | undefined {
  return report?.metrics ?? epochs.findLast(({ best }) => best)?.validation;
}

/** That, as it is shown, without the loss: with the intervals that are known. */
export function bestTexts(run: RunData): readonly NamedFigure[] | undefined {
  const { report, facts } = run;
  if (report !== undefined) return figuresShown(report).list.slice(0, -1);
  const metrics = bestOf(run);
  return metrics && metricsShown(metrics, facts?.data && sidesOf(facts.data).validation);
}

const initialState: State = {
  trusted: true,
  workspace: true,
  runs: [],
  view: undefined,
  missing: false,
  data: {},
  notice: undefined,
  options: { smoothing: 0, log: false, batches: true, table: false },
  choice: { technique: 'fine-tuning', data: '', base: '', out: scriptName('fine-tuning') },
  bases: undefined,
  fileBase: undefined,
  summary: undefined,
  tried: { waiting: [], pictures: [] },
  preview: undefined,
};

/** What was asked for has come, or the reason why not. */
export type Answered =
  | {
      readonly type: 'detail';
      readonly id: string;
      readonly from: number;
      readonly to: number;
      readonly points: BatchPoints;
    }
  | { readonly type: 'bases'; readonly bases: Answer<readonly BaseOption[]> }
  | { readonly type: 'base'; readonly base: string; readonly answer: Answer<BaseOption> }
  | { readonly type: 'data'; readonly folder: string; readonly answer: Answer<DataSummary> }
  | { readonly type: 'chosen'; readonly what: 'data' | 'base' | 'out'; readonly answer: Answer<string | undefined> }
  | { readonly type: 'preview'; readonly answer: Answer<string> }
  | { readonly type: 'written'; readonly answer: Answer<string | undefined> }
  | {
      readonly type: 'tried';
      readonly ticket: number;
      readonly answer: Answer<readonly Prediction[] | undefined>;
    };

/** What a message of the host, or an answer of it, changes. */
export function reduce(state: State, message: ToldMessage | Answered): State {
  switch (message.type) {
    case 'hello':
      return { ...state, trusted: message.trusted, workspace: message.workspace };
    case 'runs':
      return { ...state, runs: message.runs };
    case 'view': {
      const { view } = message;
      const preset =
        view.kind === 'form'
          ? {
              ...state.choice,
              ...(view.data === undefined ? {} : { data: view.data }),
              ...(view.base === undefined ? {} : { base: view.base }),
            }
          : state.choice;
      return {
        ...state,
        view: withoutPreset(view),
        ...{ missing: false, data: {}, choice: preset, tried: initialState.tried },
      };
    }
    case 'noRun':
      return { ...state, missing: true };
    case 'run': {
      const run = state.data[message.id] ?? emptyRun;
      const epochs = message.epochs;
      return withRun(state, message.id, {
        ...run,
        ...(message.facts === undefined ? {} : { facts: message.facts }),
        ...(epochs === undefined ? {} : { epochs: [...run.epochs.slice(0, epochs.from), ...epochs.rows] }),
        ...(message.batches === undefined ? {} : { batches: patched(run.batches, message.batches) }),
      });
    }
    case 'report': {
      const run = state.data[message.id] ?? emptyRun;
      return withRun(state, message.id, {
        ...run,
        ...(message.report === undefined ? {} : { report: message.report }),
      });
    }
    case 'detail': {
      const { from, to, points } = message;
      return withRun(state, message.id, { ...(state.data[message.id] ?? emptyRun), detail: { from, to, points } });
    }
    case 'bases':
      return { ...state, bases: message.bases, choice: withDefault(state.choice, message.bases) };
    case 'base':
      return { ...state, fileBase: message };
    case 'data':
      return { ...state, summary: message };
    case 'chosen': {
      const { what, answer } = message;
      if (!answer.ok) return { ...state, notice: answer };
      const { value: path } = answer;
      if (path === undefined) return state;
      if (what === 'out') return { ...state, choice: { ...state.choice, out: path } };
      return { ...state, choice: (what === 'base' ? withBase : withData)(state.choice, path) };
    }
    case 'tried': {
      const { ticket, answer } = message;
      const waiting = state.tried.waiting.filter((one) => one !== ticket);
      // Another model is looked at by now.
      if (waiting.length === state.tried.waiting.length) return state;
      if (!answer.ok) return { ...state, notice: answer, tried: { ...state.tried, waiting } };
      return { ...state, tried: { waiting, pictures: [...(answer.value ?? []), ...state.tried.pictures] } };
    }
    case 'preview':
      return { ...state, preview: message };
    case 'written': {
      const { answer } = message;
      if (!answer.ok) return { ...state, notice: answer };
      return answer.value === undefined
        ? state
        : { ...state, notice: { message: text.wrote(answer.value), good: true } };
    }
    case 'notice':
      return { ...state, notice: message };
    default:
      return assertUnreachable(message);
  }
}

/** Another base: the layers of one are not those of another, so its own default holds. */
export function withBase({ technique, data, task, out }: FormChoice, base: string): FormChoice {
  return { technique, data, ...(task === undefined ? {} : { task }), base, out };
}

/** Other data: what is learnt from their labels is another question. */
export function withData(choice: FormChoice, data: string): FormChoice {
  const { technique, base, freezeUpTo, preprocessing, size, out } = choice;
  return {
    ...{ technique, data, base, out },
    ...(freezeUpTo === undefined ? {} : { freezeUpTo }),
    ...(preprocessing === undefined ? {} : { preprocessing }),
    ...(size === undefined ? {} : { size }),
  };
}

/** The first base is the one for who has not chosen. */
function withDefault(choice: FormChoice, bases: Answer<readonly BaseOption[]>): FormChoice {
  const [first] = bases.ok ? bases.value : [];
  return choice.base === '' && first !== undefined ? withBase(choice, first.id) : choice;
}

function withRun(state: State, id: string, run: RunData): State {
  return { ...state, data: { ...state.data, [id]: run } };
}

function patched(old: BatchPoints, { from, rows }: Patch<BatchPoints>): BatchPoints {
  return {
    x: [...old.x.slice(0, from), ...rows.x],
    loss: [...old.loss.slice(0, from), ...rows.loss],
    accuracy: [...old.accuracy.slice(0, from), ...rows.accuracy],
  };
}

/** What survives a reload of the window. */
interface Saved {
  readonly view?: PanelView;
  readonly options?: ChartOptions;
  readonly choice?: FormChoice;
}

/** State of our own that the editor kept for us. */
/** Runs that train a model: what may be compared. */
export function trainingsOf(runs: readonly RunRow[]): readonly RunRow[] {
  return runs.filter(({ purpose }) => purpose !== 'learning-rate');
}

export function restored(value: unknown): State {
  const saved = (typeof value === 'object' && value !== null ? value : {}) as Saved;
  return {
    ...initialState,
    view: saved.view,
    options: { ...initialState.options, ...saved.options },
    choice: { ...initialState.choice, ...saved.choice },
  };
}
