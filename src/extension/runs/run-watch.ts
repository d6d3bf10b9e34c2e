import { readdir } from 'node:fs/promises';
import path from 'node:path';

import { isActive, parseEvent, type RunInfo } from '../../protocol/index.js';
import { isRunAlive } from '../../runs/alive.js';
import { readInfo, readReport, reportStamp } from '../../runs/read.js';
import { lastLines, Tail } from '../../runs/tail.js';
import type { RunSummary } from '../services.js';
import { after, emptyState, factsOf, isBulk, summarize, type Crash, type LogState, type ReportFacts } from './state.js';

/** The end of a log that is read at first sight; more where no epoch is in it. */
const glance = 262_144;
const look = 16_777_216;

/** One run on disk: follows its log while it goes on. */
export class RunWatch {
  #state: LogState = emptyState;
  /** Not the report itself: its matrix may take hundreds of megabytes, and there may be many runs. */
  #report: ReportFacts = {};
  #reportSeen = '';
  #alive = false;
  #crash: Crash | undefined;
  #summary: RunSummary;
  #tail: Tail;

  private constructor(
    readonly folder: string,
    private info: RunInfo,
  ) {
    this.#tail = new Tail(this.#log);
    this.#summary = this.#summarize();
  }

  /** @throws GraftError when the folder is not a run. */
  static async open(folder: string): Promise<RunWatch> {
    const watch = new RunWatch(folder, await readInfo(folder));
    await watch.#readEnd();
    await watch.#refresh();
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
    const before = this.#state;
    await this.#follow();
    const status = this.#summary.status;
    await this.#refresh();
    return before !== this.#state || status !== this.#summary.status;
  }

  /** The run was started again in the same folder. */
  async reopen(): Promise<void> {
    this.info = await readInfo(this.folder);
    this.#crash = undefined;
    await this.poll();
  }

  /** This window's child ended: what is known about it beyond the log. */
  async processEnded(code: number | null, signal: string | null): Promise<void> {
    const { lines } = await lastLines(path.join(this.folder, 'output.log'), 2_000);
    this.#crash = { code, signal, output: lines.slice(-5).join('\n') };
    await this.poll();
  }

  async #readEnd(): Promise<void> {
    for (const bytes of [glance, look]) {
      const { lines, offset } = await lastLines(this.#log, bytes);
      this.#tail = new Tail(this.#log, offset);
      this.#state = emptyState;
      for (const line of lines) this.#apply(line);
      if (this.#state.epoch !== undefined || this.#state.ended !== undefined || offset < bytes) return;
    }
  }

  async #follow(): Promise<void> {
    await this.#tail.read((line) => {
      this.#apply(line);
    });
  }

  #apply(line: string): void {
    const event = isBulk(line) ? undefined : parseEvent(line);
    if (event !== undefined) this.#state = after(this.#state, event);
  }

  async #refresh(): Promise<void> {
    const { ended } = this.#state;
    this.#alive = ended === undefined && (await isRunAlive(this.folder, this.info));
    // It may have said its last words between the two looks.
    if (ended === undefined && !this.#alive) await this.#follow();
    if (!this.#alive) {
      const seen = await reportStamp(this.folder);
      if (seen !== this.#reportSeen) this.#report = factsOf(await readReport(this.folder));
      this.#reportSeen = seen;
      const checkpoints = await readdir(path.join(this.folder, 'checkpoints')).catch(() => []);
      const checkpoint = checkpoints.some((name) => name.endsWith('.safetensors'));
      if (checkpoint !== this.#state.checkpoint) this.#state = { ...this.#state, checkpoint };
    }
    this.#summary = this.#summarize();
  }

  #summarize(): RunSummary {
    const { folder, info } = this;
    return summarize({
      folder,
      info,
      state: this.#state,
      ...this.#report,
      alive: this.#alive,
      crash: this.#crash,
    });
  }

  get #log(): string {
    return path.join(this.folder, 'events.ndjson');
  }
}
