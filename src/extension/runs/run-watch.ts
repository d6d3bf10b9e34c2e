import { readdir } from 'node:fs/promises';
import path from 'node:path';

import { Turns } from '../../common/turns.js';
import { isActive, type RunInfo, type RunReport } from '../../protocol/index.js';
import { isRunAlive } from '../../runs/alive.js';
import { lastLines } from '../../runs/last-lines.js';
import { LogFollower } from '../../runs/log-follower.js';
import { emptyState, StateListener } from '../../runs/log-state.js';
import { readInfo, readReport, reportStamp } from '../../runs/read.js';
import { logFile, outputFile } from '../../runs/run-folder.js';
import type { Following, RunFollower, RunSummary } from '../interfaces.js';
import { factsOf, summarize, type Crash, type ReportFacts } from './summary.js';

/** The end of a log that is read at first sight; more where no epoch is in it. */
const glance = 262_144;
const look = 16_777_216;
/** How often lists hear of a run that goes on; how often its followers do; and how often one that has ended is looked at for them. */
const listMs = 400;
const liveMs = 100;
const idleMs = 1_000;

/** One run on disk: one clock, one reader of its log and one of its report, for lists and for whoever follows it. */
export class RunWatch {
  /** Not the report itself: its matrix may take hundreds of megabytes, and there may be many runs. */
  #report: ReportFacts = {};
  #newestReport: ReportFacts = {};
  #reportSeen = '';
  #reportsSeen = -1;
  #alive = false;
  #crash: Crash | undefined;
  #summary: RunSummary;
  /** What lists have been told. */
  #told = emptyState;
  #lookedAt = 0;
  #timer: NodeJS.Timeout | undefined;
  #isDisposed = false;
  readonly #turns = new Turns();
  readonly #followers = new Set<RunFollower>();

  private constructor(
    readonly folder: string,
    private info: RunInfo,
    private readonly log: LogFollower,
    private readonly listener: StateListener,
    private readonly onChange: (() => void) | undefined,
  ) {
    this.#summary = this.#summarize();
  }

  /**
   * @param onChange its summary has changed, while it goes on or is followed; without it, somebody polls.
   * @throws GraftError when the folder is not a run.
   */
  static async open(folder: string, onChange?: () => void): Promise<RunWatch> {
    const info = await readInfo(folder);
    const { log, listener } = await readEnd(logFile(folder));
    const watch = new RunWatch(folder, info, log, listener, onChange);
    await watch.#look();
    watch.#told = listener.state;
    watch.#schedule();
    return watch;
  }

  get summary(): RunSummary {
    return this.#summary;
  }

  get isActive(): boolean {
    return isActive(this.#summary);
  }

  /** Reads what is new. Whether the summary changed. */
  async poll(): Promise<boolean> {
    const isChanged = await this.#turns.run(async () => {
      await this.log.read();
      return await this.#hear();
    });
    // It may go on again.
    this.#schedule();
    return isChanged;
  }

  /** The run may have been started again in the same folder. */
  async reopen(): Promise<void> {
    await this.#readInfo();
    await this.poll();
  }

  /** This window's child ended: what is known about it beyond the log. */
  async processEnded(code: number | null, signal: string | null): Promise<void> {
    const lines = await lastLines(outputFile(this.folder), 2_000);
    this.#crash = { code, signal, output: lines.slice(-5).join('\n') };
    await this.poll();
  }

  /** Tells a follower all that the log says and the report, and from now on what is new. */
  follow(follower: RunFollower): Following {
    let isOver = false;
    const { log } = this;
    return {
      ready: this.#join(follower, () => isOver),
      get offset() {
        return log.offset;
      },
      dispose: () => {
        isOver = true;
        log.unfollow(follower.listener);
        this.#followers.delete(follower);
        this.#schedule();
      },
    };
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#schedule();
  }

  async #join(follower: RunFollower, isOver: () => boolean): Promise<void> {
    await this.log.follow(follower.listener, isOver);
    if (isOver()) return;
    this.#followers.add(follower);
    this.#schedule();
    await follower.onLook();
    if (this.#reportSeen === '') return;
    const { report } = await readReport(this.folder);
    if (report !== undefined && !isOver()) await follower.onLook(report);
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    const isFollowed = this.#followers.size > 0;
    const isListed = this.onChange !== undefined;
    const ms = this.isActive ? (isFollowed ? liveMs : isListed ? listMs : undefined) : isFollowed ? idleMs : undefined;
    if (ms === undefined || this.#isDisposed) return;
    this.#timer = setTimeout(() => {
      // Its folder may have been deleted meanwhile: whoever lists the runs takes it off the list.
      void this.#turns
        .run(() => this.#tick())
        .catch(() => undefined)
        .then(() => {
          this.#schedule();
        });
    }, ms);
  }

  async #tick(): Promise<void> {
    const { ended, reports } = this.listener.state;
    const isNew = await this.log.read();
    // One that has ended says something only where it was started again.
    if (!this.isActive && isNew) await this.#readInfo();
    const { state } = this.listener;
    const isTurn = ended !== state.ended || reports !== state.reports;
    const isDue = this.isActive && Date.now() - this.#lookedAt >= listMs;
    if (isTurn || isDue || (!this.isActive && isNew)) await this.#hear();
    else for (const follower of this.#followers) await follower.onLook();
  }

  async #readInfo(): Promise<void> {
    const info = await readInfo(this.folder);
    // How a process ended is known once, and a list is read anew often: it holds until another process has the run.
    if (info.nonce !== this.info.nonce) this.#crash = undefined;
    this.info = info;
  }

  /** Looks at all that belongs to the run, and tells everybody. */
  async #hear(): Promise<boolean> {
    const { status } = this.#summary;
    const report = await this.#look();
    const isChanged = this.#told !== this.listener.state || status !== this.#summary.status;
    this.#told = this.listener.state;
    if (isChanged) this.onChange?.();
    for (const follower of this.#followers) await follower.onLook(report);
    return isChanged;
  }

  /** @returns the report, where it is another one than before. */
  async #look(): Promise<RunReport | undefined> {
    this.#lookedAt = Date.now();
    const { ended } = this.listener.state;
    this.#alive = ended === undefined && (await isRunAlive(this.folder, this.info));
    // It may have said its last words between the two looks.
    if (ended === undefined && !this.#alive) await this.log.read();
    const report = await this.#lookAtReport();
    // What one that goes on has reported so far is of an earlier training of its script.
    if (!this.#alive) {
      this.#report = this.#newestReport;
      const checkpoints = await readdir(path.join(this.folder, 'checkpoints')).catch(() => []);
      const checkpoint = checkpoints.some((name) => name.endsWith('.safetensors'));
      const { state } = this.listener;
      if (checkpoint !== state.checkpoint) this.listener.state = { ...state, checkpoint };
    }
    this.#summary = this.#summarize();
    return report;
  }

  /** While the run goes on, its log says when there is a new one. */
  async #lookAtReport(): Promise<RunReport | undefined> {
    const { reports } = this.listener.state;
    if (this.#alive && reports === this.#reportsSeen) return undefined;
    this.#reportsSeen = reports;
    const seen = await reportStamp(this.folder);
    if (seen === this.#reportSeen) return undefined;
    this.#reportSeen = seen;
    const read = await readReport(this.folder);
    this.#newestReport = factsOf(read);
    return read.report;
  }

  #summarize(): RunSummary {
    const { folder, info } = this;
    return summarize({
      folder,
      info,
      state: this.listener.state,
      ...this.#report,
      alive: this.#alive,
      crash: this.#crash,
    });
  }
}

async function readEnd(file: string): Promise<{ readonly log: LogFollower; readonly listener: StateListener }> {
  const atGlance = await readLast(file, glance);
  const { state } = atGlance.listener;
  const isEnough = state.epoch !== undefined || state.ended !== undefined || atGlance.log.offset < glance;
  return isEnough ? atGlance : await readLast(file, look);
}

async function readLast(file: string, bytes: number) {
  const listener = new StateListener();
  const log = await LogFollower.near(file, listener, bytes);
  await log.read();
  return { log, listener };
}
