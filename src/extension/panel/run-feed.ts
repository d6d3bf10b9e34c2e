import path from 'node:path';

import { Turns } from '../../common/turns.js';
import {
  isActive,
  purposeOf,
  type BatchPoints,
  type HostMessage,
  type RunFacts,
  type RunReport,
} from '../../protocol/index.js';
import { LogReader } from '../../runs/log-reader.js';
import { logFile } from '../../runs/run-folder.js';
import { isResumable } from '../runs/activity.js';
import type { Following, RunFollower, RunSummary } from '../interfaces.js';
import { shownPath } from './paths.js';
import { elapsedUntil, RunState } from './run-state.js';
import { RangeState } from './range-state.js';

/** More than this is not read for a zoomed part: the overview is fine enough there. */
const longestRange = 64 << 20;

interface FeedTarget {
  post(message: HostMessage): void;
  /** The run's current summary; undefined when it was deleted. */
  summary(): RunSummary | undefined;
  follow(follower: RunFollower): Following | undefined;
  /** The folder that the pictures are in became known. Returns the one whose pictures may be shown. */
  onData(directory: string): Promise<string | undefined>;
  onReport(report: RunReport): void;
}

interface Pictures {
  /** As the log says. */
  readonly directory: string;
  /** The folder that this is, where pictures in it may be shown. */
  readonly allowed: string | undefined;
}

/**
 * Follows one run, and sends what is new: at most as often as it is told, 10 times a second, and not before the page has drawn what it
 * was sent last. A busy machine's page is never behind by more than one message.
 */
export class RunFeed {
  readonly #state = new RunState();
  readonly #turns = new Turns();
  #following: Following | undefined;
  #disposed = false;
  #isGone = false;
  /** All that the log has said so far has been sent. */
  #isReady = false;
  #sentFacts = '';
  /** The page has not said yet that it has drawn what it was sent last. */
  #isDrawing = false;
  /** Something came meanwhile. */
  #isDue = false;
  #pictures: Pictures | undefined;

  constructor(
    readonly id: string,
    private readonly folder: string,
    private readonly target: FeedTarget,
  ) {}

  /** Where the pictures are, when known. */
  get pictures(): Pictures | undefined {
    return this.#pictures;
  }

  /** Sends what there is, then goes on by itself. */
  async start(): Promise<void> {
    this.#following = this.target.follow({
      listener: this.#state,
      onLook: async (report) => {
        this.#isReady = true;
        await this.#turns.run(() => this.#look(report));
      },
    });
    await this.#following?.ready;
  }

  /** The page has drawn what it was sent. */
  onDrawn(): void {
    this.#isDrawing = false;
    if (this.#isDue) this.refresh();
  }

  /** The run's summary changed. */
  refresh(): void {
    if (this.#isReady) void this.#turns.run(() => this.#look());
  }

  /** The batches between two positions, as many as the overview has in all. */
  async detail(from: number, to: number): Promise<BatchPoints | undefined> {
    const bytes = this.#state.batches.bytesBetween(from, to);
    const end = bytes.to ?? this.#following?.offset ?? 0;
    if (end - bytes.from > longestRange) return undefined;
    const range = new RangeState(this.#state.stageStarts());
    await new LogReader(logFile(this.folder), range, { from: bytes.from, to: end }).read(() => this.#disposed);
    return range.points.all();
  }

  dispose(): void {
    this.#disposed = true;
    this.#following?.dispose();
  }

  #isOver(): boolean {
    return this.#disposed || this.#isGone;
  }

  async #look(report?: RunReport): Promise<void> {
    if (this.#isOver()) return;
    const summary = this.target.summary();
    if (summary === undefined) {
      this.#isGone = true;
      this.target.post({ type: 'noRun', id: this.id });
      return;
    }
    this.#isDue = this.#isDrawing;
    if (!this.#isDrawing) await this.#send(summary);
    if (report !== undefined && !this.#isOver()) this.target.onReport(report);
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
    this.#isDrawing = true;
    this.target.post({
      type: 'run',
      id: this.id,
      ...(changed ? { facts } : {}),
      ...(epochs === undefined ? {} : { epochs }),
      ...(batches === undefined ? {} : { batches }),
    });
  }
}
