import path from 'node:path';

import {
  isActive,
  purposeOf,
  type BatchPoints,
  type HostMessage,
  type RunFacts,
  type RunReport,
} from '../../protocol/index.js';
import { readReport, reportStamp } from '../../runs/read.js';
import { isResumable } from '../runs/activity.js';
import type { RunSummary } from '../services.js';
import { shownPath } from './paths.js';
import { LogReader } from './log-reader.js';
import { elapsedUntil, RunState } from './run-state.js';
import { RangeState } from './range-state.js';

/** At most 10 messages a second while a run goes on; a run that has ended is looked at now and then (it may be resumed). */
const livePollMs = 100;
const idlePollMs = 1_000;
/** More than this is not read for a zoomed part: the overview is fine enough there. */
const longestRange = 64 << 20;

export interface FeedTarget {
  post(message: HostMessage): void;
  /** The run's current summary; undefined when it was deleted. */
  summary(): RunSummary | undefined;
  /** The folder that the pictures are in became known. Returns the one whose pictures may be shown. */
  onData(directory: string): Promise<string | undefined>;
  onReport(report: RunReport): Promise<void>;
}

export interface Pictures {
  /** As the log says. */
  readonly directory: string;
  /** The folder that this is, where pictures in it may be shown. */
  readonly allowed: string | undefined;
}

/** Follows one run: reads its log as it grows and sends what is new. */
export class RunFeed {
  readonly #state = new RunState();
  readonly #reader: LogReader;
  readonly #log: string;
  #timer: NodeJS.Timeout | undefined;
  #disposed = false;
  #sentFacts = '';
  #reportSeen = '';
  #pictures: Pictures | undefined;

  constructor(
    readonly id: string,
    private readonly folder: string,
    private readonly target: FeedTarget,
  ) {
    this.#log = path.join(folder, 'events.ndjson');
    this.#reader = new LogReader(this.#log, this.#state);
  }

  /** Where the pictures are, when known. */
  get pictures(): Pictures | undefined {
    return this.#pictures;
  }

  /** Reads what is there and sends it, then goes on by itself. */
  async start(): Promise<void> {
    await this.#poll();
  }

  /** Looks now instead of at the next turn: the run's summary changed. */
  refresh(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    void this.#poll();
  }

  /** The batches between two positions, as many as the overview has in all. */
  async detail(from: number, to: number): Promise<BatchPoints | undefined> {
    const bytes = this.#state.batches.bytesBetween(from, to);
    const end = bytes.to ?? this.#reader.offset;
    if (end - bytes.from > longestRange) return undefined;
    const range = new RangeState(this.#state.stageStarts());
    await new LogReader(this.#log, range, { from: bytes.from, to: end }).read(() => this.#disposed);
    return range.points.all();
  }

  dispose(): void {
    this.#disposed = true;
    clearTimeout(this.#timer);
  }

  #isOver(): boolean {
    return this.#disposed;
  }

  async #poll(): Promise<void> {
    this.#timer = undefined;
    await this.#reader.read(() => this.#disposed);
    if (this.#isOver()) return;
    const summary = this.target.summary();
    if (summary === undefined) {
      this.target.post({ type: 'noRun', id: this.id });
      return;
    }
    await this.#send(summary);
    await this.#sendReport();
    if (this.#isOver()) return;
    const live = isActive(summary);
    this.#timer = setTimeout(() => void this.#poll(), live ? livePollMs : idlePollMs);
  }

  async #send(summary: RunSummary): Promise<void> {
    const { title, info, status, problem, debugging } = summary;
    const log = this.#state.facts();
    const live = isActive(summary);
    const facts: RunFacts = {
      ...log,
      elapsed: live ? log.elapsed : { ms: elapsedUntil(log.elapsed, this.#state.lastTime) },
      title,
      resumable: isResumable(summary),
      ...(debugging === undefined ? {} : { debugging }),
      script: info.script,
      purpose: purposeOf(info),
      ...(info.overrides === undefined ? {} : { overrides: info.overrides }),
      status,
      startTime: info.startTime,
      saved: log.saved.map((folder) => shownPath(info.workspace, folder)),
      ...(problem === undefined
        ? {}
        : { problem: { message: problem.message, ...(problem.action && { action: problem.action }) } }),
    };
    // As the script names it: relative to the workspace, where the training process runs.
    const directory = log.data === undefined ? undefined : path.resolve(info.workspace, log.data.directory);
    if (directory !== undefined && directory !== this.#pictures?.directory)
      this.#pictures = { directory, allowed: await this.target.onData(directory) };
    const text = JSON.stringify(facts);
    const epochs = this.#state.takeEpochs();
    const batches = this.#state.batches.takePatch();
    const changed = text !== this.#sentFacts;
    if (!changed && epochs === undefined && batches === undefined) return;
    this.#sentFacts = text;
    this.target.post({
      type: 'run',
      id: this.id,
      ...(changed ? { facts } : {}),
      ...(epochs === undefined ? {} : { epochs }),
      ...(batches === undefined ? {} : { batches }),
    });
  }

  async #sendReport(): Promise<void> {
    const seen = await reportStamp(this.folder);
    if (this.#disposed || seen === '' || seen === this.#reportSeen) return;
    this.#reportSeen = seen;
    // Where it is damaged, the run's summary says so.
    const { report } = await readReport(this.folder);
    if (report !== undefined && !this.#isOver()) await this.target.onReport(report);
  }
}
