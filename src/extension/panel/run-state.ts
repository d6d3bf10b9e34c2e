import {
  assertUnreachable,
  phases,
  type BatchEvent,
  type EndedEvent,
  type EpochPoint,
  type Phase,
  type PhaseEnd,
  type PhaseEvent,
  type PhaseState,
  type ProgressEvent,
  type RunEvent,
  type RunFacts,
  type StageMark,
} from '../../protocol/index.js';
import { Axis } from './axis.js';
import { BatchSeries, valuesOf } from './batch-series.js';
import type { LogListener } from '../../runs/log-reader.js';
import type { StageStart } from './range-state.js';

/** What the log alone tells; the rest (script, status, why it ended) comes from the run's summary. */
type LogFacts = Omit<
  RunFacts,
  'title' | 'script' | 'purpose' | 'overrides' | 'status' | 'problem' | 'debugging' | 'resumable' | 'startTime'
>;

interface PhaseClock {
  ms: number;
  since: number | undefined;
  /** How it ended last; undefined before. */
  end: PhaseEnd | undefined;
  last: ProgressEvent | undefined;
}

const shownWarnings = 100;
const shownLog = 100;

/** Everything that a run's events add up to. */
export class RunState implements LogListener {
  readonly batches: BatchSeries;
  readonly #axis = new Axis();
  readonly #phases = new Map<Phase, PhaseClock>();
  #epochs: EpochPoint[] = [];
  #epochsFrom = 0;
  #stages: StageMark[] = [];
  readonly #stageStarts: StageStart[] = [];
  /** Time of the newest event: when a run that was killed was last seen. */
  lastTime: number | undefined;
  /** The time of all executions: a resumed run goes on counting, without the time in which nothing ran. */
  #elapsed: LogFacts['elapsed'] = { ms: 0 };
  #facts: {
    -readonly [Key in 'data' | 'model' | 'batch' | 'checkpoint' | 'learningRates']?: LogFacts[Key];
  } = {};
  #warnings: LogFacts['warnings'] = [];
  #saved: string[] = [];
  #log: string[] = [];

  constructor(points?: number) {
    this.batches = new BatchSeries(points);
  }

  get epochs(): readonly EpochPoint[] {
    return this.#epochs;
  }

  wantsBatch(): boolean {
    return this.batches.offer();
  }

  onEvent(event: RunEvent, offset: number): void {
    const before = this.lastTime;
    this.lastTime = event.time;
    switch (event.type) {
      case 'started':
        this.#axis.onStarted(event.resumed);
        this.#restartClocks();
        // One that was killed was last seen at its last event.
        this.#elapsed = { ms: elapsedUntil(this.#elapsed, before), since: event.time };
        return;
      case 'phase':
        this.#onPhase(event.phase, event.state, event.time);
        return;
      case 'progress':
        this.#clock(event.phase).last = event;
        return;
      case 'data': {
        const { directory, classes, duplicates, skipped, task, numbers, pictures, notes = [] } = event;
        const ofNumbers = { ...(task && { task }), ...(numbers && { numbers }), ...(pictures && { pictures }) };
        this.#facts = { ...this.#facts, data: { directory, classes, duplicates, skipped, notes, ...ofNumbers } };
        return;
      }
      case 'model': {
        const { technique, base, preprocessing, parameters, trainable, frozenUpTo, engine, engineReason } = event;
        const frozen = frozenUpTo === undefined ? {} : { frozenUpTo };
        const pixels = preprocessing === undefined ? {} : { preprocessing };
        const model = { technique, base, ...pixels, parameters, trainable, ...frozen, engine, engineReason };
        this.#facts = { ...this.#facts, model };
        return;
      }
      case 'stage': {
        const { x, again } = this.#axis.onStage(event);
        const { stage, epochs, learningRate, trainable, cached, images } = event;
        const mark = { stage, x, epochs, learningRate, trainable, cached, images };
        this.#stageStarts.push({ x, offset });
        this.#stages = again ? [...this.#stages.slice(0, -1), mark] : [...this.#stages, mark];
        return;
      }
      case 'batch': {
        this.batches.add({ x: this.#axis.batch(event), ...valuesOf(event), offset });
        this.onSkipped(event);
        return;
      }
      case 'epoch':
        this.#onEpoch({
          x: this.#axis.epoch(event),
          stage: event.stage,
          epoch: event.epoch,
          train: event.train,
          validation: event.validation,
          learningRate: event.learningRate,
          ms: event.ms,
          best: event.best,
        });
        return;
      case 'learningRates':
        this.#facts = { ...this.#facts, learningRates: event };
        return;
      case 'checkpoint':
        this.#facts = { ...this.#facts, checkpoint: { time: event.time, file: event.file } };
        return;
      case 'warning': {
        const { message, action, time } = event;
        const warning = { message, time, ...(action === undefined ? {} : { action }) };
        this.#warnings = [...this.#warnings, warning].slice(-shownWarnings);
        return;
      }
      case 'log':
        this.#log = [...this.#log, event.text].slice(-shownLog);
        return;
      case 'saved':
        this.#saved = [...new Set([...this.#saved, event.directory])];
        return;
      case 'done':
      case 'stopped':
      case 'failed':
        this.#elapsed = { ms: elapsedUntil(this.#elapsed, event.time) };
        this.#stopClocks(event);
        return;
      case 'report':
      case 'paused':
      case 'continued':
        return;
      default:
        return assertUnreachable(event);
    }
  }

  /** A batch that the curve does without still tells speed and memory. */
  onSkipped({ stage, epoch, step, steps, learningRate, imagesPerSecond, memory, time }: BatchEvent): void {
    this.lastTime = time;
    this.#facts = {
      ...this.#facts,
      batch: { stage, epoch, step, steps, learningRate, imagesPerSecond, memory },
    };
  }

  facts(): LogFacts {
    return {
      ...this.#facts,
      elapsed: this.#elapsed,
      phases: phases.map((phase) => this.#phaseState(phase)),
      stages: this.#stages,
      warnings: this.#warnings,
      saved: this.#saved,
      ...(this.#log.length === 0 ? {} : { log: this.#log }),
      batches: this.batches.count,
    };
  }

  /** For reading a part of the log again. */
  stageStarts(): readonly StageStart[] {
    return this.#stageStarts;
  }

  /** The epochs that are new since the last call. */
  takeEpochs(): { readonly from: number; readonly rows: readonly EpochPoint[] } | undefined {
    const from = this.#epochsFrom;
    if (from >= this.#epochs.length) return undefined;
    this.#epochsFrom = this.#epochs.length;
    return { from, rows: this.#epochs.slice(from) };
  }

  #onEpoch(point: EpochPoint): void {
    // A resumed run repeats the epochs after its checkpoint.
    const kept = this.#epochs.findLastIndex(({ x }) => x < point.x) + 1;
    this.#epochs = [...this.#epochs.slice(0, kept), point];
    this.#epochsFrom = Math.min(this.#epochsFrom, kept);
  }

  #onPhase(phase: Phase, state: PhaseEvent['state'], time: number): void {
    const clock = this.#clock(phase);
    if (state === 'started') Object.assign(clock, { since: time, last: undefined });
    else endPhase(clock, state, time);
  }

  #phaseState(phase: Phase): PhaseState {
    const { ms, since, end, last } = this.#clock(phase);
    const active = since !== undefined;
    // How far training is, is known after each epoch; where an epoch takes minutes, the batches say more.
    const within = phase === 'train' && active && last !== undefined ? this.#partOfEpoch(last.done) : 0;
    const progress = last && { done: last.done + within, total: last.total, perSecond: last.perSecond };
    const endsAt = last !== undefined && active ? this.#endsAt(since, last, within) : undefined;
    return {
      phase,
      state: active ? 'active' : (end ?? 'waiting'),
      ms,
      ...(progress === undefined ? {} : { progress }),
      ...(active ? { since } : {}),
      ...(endsAt === undefined ? {} : { endsAt }),
    };
  }

  /** How much of the epoch that goes on is done, after `done` whole ones; 0 when the newest batch is not of it. */
  #partOfEpoch(done: number): number {
    const { batch } = this.#facts;
    return batch?.epoch === done + 1 && batch.stage === this.#stages.at(-1)?.stage ? batch.step / batch.steps : 0;
  }

  /** When a phase is expected to end; in the first epoch of training, by the part of it that is done. */
  #endsAt(since: number, { done, total, time, etaMs }: ProgressEvent, within: number): number | undefined {
    if (done > 0) return time + etaMs;
    if (this.lastTime === undefined || within === 0) return undefined;
    return since + ((this.lastTime - since) / within) * total;
  }

  #clock(phase: Phase): PhaseClock {
    let clock = this.#phases.get(phase);
    if (clock === undefined) {
      clock = { ms: 0, since: undefined, end: undefined, last: undefined };
      this.#phases.set(phase, clock);
    }
    return clock;
  }

  /** A phase whose end was not written ended as the run did. */
  #stopClocks({ type, time }: EndedEvent): void {
    for (const clock of this.#phases.values()) endPhase(clock, type === 'done' ? 'ended' : type, time);
  }

  #restartClocks(): void {
    this.#phases.clear();
  }
}

function endPhase(clock: PhaseClock, end: PhaseEnd, time: number): void {
  if (clock.since === undefined) return;
  Object.assign(clock, { ms: clock.ms + time - clock.since, since: undefined, end });
}

/** Milliseconds up to a moment; the sum so far where nothing goes on. */
export function elapsedUntil({ ms, since }: LogFacts['elapsed'], time: number | undefined): number {
  return since === undefined || time === undefined ? ms : ms + Math.max(0, time - since);
}
