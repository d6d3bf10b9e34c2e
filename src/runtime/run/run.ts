import { randomBytes } from 'node:crypto';
import { rmSync, utimesSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import {
  protocolVersion,
  type EngineName,
  type Phase,
  type PhaseEnd,
  type RunInfo,
  type RunOverrides,
  type RunPurpose,
} from '../../protocol/index.js';
import { messageOf, StoppedError, GraftError } from '../../common/errors.js';
import { sha256 } from '../../common/hash.js';
import { describeWriteError, makeFolder, writeAtomic } from '../../common/files.js';
import { readRegularFile } from '../../common/read-file.js';
import { Control, startControlServer } from '../../runs/control/server.js';
import type { NewEvent } from '../../runs/event-codec.js';
import { EventLog } from '../../runs/event-log.js';
import { Inputs } from './inputs.js';
import { clearLeftovers } from '../../runs/leftovers.js';
import { overrideFlags } from '../../runs/overrides.js';
import { claimRun, otherOwner } from '../../runs/owner.js';

const heartbeatMs = 2_000;
const longestScript = 64 << 20;

export interface RunOptions {
  /** Folder of the run; it is made. */
  readonly folder: string;
  readonly script: string;
  readonly arguments: readonly string[];
  readonly workspace: string;
  readonly engine: EngineName | 'auto';
  readonly purpose: RunPurpose;
  readonly overrides?: RunOverrides;
  /** Continue what is in the folder. */
  readonly resumed: boolean;
}

/** One execution of a training script, seen from inside its process: its folder, its event log, what people ask of it. */
export class Run {
  readonly control = new Control();
  readonly startTime = Date.now();
  /** Milliseconds spent in each phase so far; several trainings in one script add up. */
  readonly timing: Record<Phase, number> = { read: 0, prefix: 0, train: 0, evaluate: 0, save: 0 };
  /** Milliseconds of the prefix phase spent waiting for pictures. */
  decodeMs = 0;
  /** Whether the script has used the library at all, and whether a training has come to its end. */
  hasWorked = false;
  hasTrained = false;
  #trainings = 0;
  #splits = 0;
  readonly #asked = new Set<string>();
  /** How many works there have been, and how many go on. */
  #works = 0;
  #working = 0;
  readonly #whenIdle: (() => void)[] = [];
  readonly #atEnd: (() => void)[] = [];
  readonly #inputs: Inputs;

  private constructor(
    readonly folder: string,
    readonly info: RunInfo,
    readonly resumed: boolean,
    readonly log: EventLog,
  ) {
    this.#inputs = new Inputs(info, (message, action) => {
      this.warn(message, action);
    });
  }

  static async open(options: RunOptions): Promise<Run> {
    await makeFolder(path.join(options.folder, 'checkpoints')).catch((error: unknown) => {
      throw new GraftError(`Cannot make the run folder ${options.folder}: ${messageOf(error)}`, {
        action: 'Choose another folder with --run-dir.',
        cause: error,
      });
    });
    const text = await readRegularFile(options.script, longestScript).catch((error: unknown) => {
      throw new GraftError(`The script ${options.script} cannot be read: ${messageOf(error)}`, {
        action: 'Put it back where it was, then try again.',
        cause: error,
      });
    });
    const nonce = randomBytes(8).toString('hex');
    const info: RunInfo = {
      protocol: protocolVersion,
      id: path.basename(options.folder),
      script: options.script,
      scriptHash: sha256(text),
      arguments: options.arguments,
      workspace: options.workspace,
      versions: { node: process.versions.node },
      platform: `${process.platform}-${process.arch}`,
      host: os.hostname(),
      engine: options.engine,
      purpose: options.purpose,
      ...(Object.keys(options.overrides ?? {}).length === 0 ? {} : { overrides: options.overrides ?? {} }),
      pid: process.pid,
      nonce,
      startTime: Date.now(),
    };
    const socket = await claimRun(options.folder, nonce);
    const other = await otherOwner(options.folder);
    if (other !== undefined)
      throw new GraftError(`Run ${info.id} is running already (process ${other}).`, {
        action: `Wait for its end, or stop it with: graft stop ${info.id}`,
      });
    await clearLeftovers(options.workspace, options.folder);
    const log = new EventLog(options.folder);
    await writeAtomic(path.join(options.folder, 'run.json'), `${JSON.stringify(info, undefined, 2)}\n`);
    const run = new Run(options.folder, info, options.resumed, log);
    const server = socket === undefined ? undefined : await startControlServer(socket, nonce, run.control);
    run.#beat();
    run.emit({
      type: 'started',
      protocol: protocolVersion,
      pid: process.pid,
      nonce,
      script: options.script,
      resumed: options.resumed,
    });
    if (server === undefined) {
      run.warn(
        'Stop and Pause do not reach this training: there is no folder where only its user can listen.',
        `Stop it where it was started; for the next one, set TMPDIR to a folder of yours with mode 700.`,
      );
    }
    return run;
  }

  /** Activations of the workspace's data. */
  get cacheFolder(): string {
    return path.join(this.info.workspace, '.graft', 'cache');
  }

  /** What is remembered of the workspace's pictures. */
  get pictureIndexFolder(): string {
    return path.join(this.info.workspace, '.graft', 'picture-index');
  }

  emit(event: NewEvent): void {
    if (event.type !== 'started' && event.type !== 'warning' && event.type !== 'log') this.hasWorked = true;
    if (event.type === 'report') this.hasTrained = true;
    if (event.type === 'data') this.#inputs.add(event.directory);
    this.log.emit(event);
  }

  warn(message: string, action?: string): void {
    this.emit({ type: 'warning', message, ...(action === undefined ? {} : { action }) });
  }

  /** Work that the run does not end before, whether or not the script awaits it. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    this.#working++;
    this.#works++;
    try {
      return await work();
    } finally {
      this.#working--;
      if (this.#working === 0) for (const go of this.#whenIdle.splice(0)) go();
    }
  }

  get isWorking(): boolean {
    return this.#working > 0;
  }

  /** Waits for it, and until no other has begun for so many milliseconds. Keeps nothing alive. */
  async rested(ms: number): Promise<void> {
    for (let seen = -1; seen !== this.#works || this.#working > 0;) {
      if (this.#working > 0) await new Promise<void>((resolve) => this.#whenIdle.push(resolve));
      seen = this.#works;
      await sleep(ms, undefined, { ref: false });
    }
  }

  /** What is still to be said when the run ends. */
  onEnd(say: () => void): void {
    this.#atEnd.push(say);
  }

  saysLast(): void {
    for (const say of this.#atEnd.splice(0)) say();
  }

  /** What was said in the place of what the script says. */
  override<Name extends keyof RunOverrides>(name: Name): RunOverrides[Name] | undefined {
    this.#asked.add(name);
    return this.info.overrides?.[name];
  }

  /** At the end: what was said and nothing has asked for. */
  warnOfUnused(): void {
    const unused = Object.fromEntries(
      Object.entries(this.info.overrides ?? {}).filter(([name]) => name !== 'save' && !this.#asked.has(name)),
    );
    for (const flag of overrideFlags(unused))
      this.warn(`${flag} changed nothing: the script calls nothing that it applies to.`);
  }

  /** Number of this training within the script, from 0: a script may train several models, each with its checkpoints. */
  nextTraining(): number {
    return this.#trainings++;
  }

  /** Where to list the next data set that the script reads: each has a file of its own. */
  nextSplitFile(): string {
    this.#splits++;
    return this.#splits === 1 ? 'split.csv' : `split-${this.#splits}.csv`;
  }

  /**
   * Runs a phase: says that it started, how far it is, and how it ended.
   *
   * @param before items of it that an earlier execution has done.
   */
  async phase<T>(
    phase: Phase,
    total: number | undefined,
    work: (progress: (done: number, outOf?: number) => void) => Promise<T>,
    before = 0,
  ): Promise<T> {
    const start = performance.now();
    let end: PhaseEnd = 'ended';
    this.emit({ type: 'phase', phase, state: 'started', ...(total === undefined ? {} : { total }) });
    try {
      const progress = (done: number, outOf = total) => {
        if (outOf === undefined || outOf === 0) return;
        const seconds = (performance.now() - start) / 1000;
        const perSecond = seconds > 0 ? (done - before) / seconds : 0;
        const etaMs = perSecond > 0 ? ((outOf - done) / perSecond) * 1000 : 0;
        this.emit({ type: 'progress', phase, done, total: outOf, perSecond, etaMs });
      };
      return await this.during(() => work(progress));
    } catch (error) {
      end = error instanceof StoppedError ? 'stopped' : 'failed';
      throw error;
    } finally {
      this.timing[phase] += performance.now() - start;
      this.emit({ type: 'phase', phase, state: end });
    }
  }

  /** Between two pieces of work outside training, where there is nothing to save. @throws StoppedError when asked to stop. */
  checkStopped(): void {
    if (this.control.stopRequested) throw new StoppedError('Stopped.');
  }

  /** Waits while the run is paused. Returns for how many milliseconds. */
  async waitWhilePaused(): Promise<number> {
    if (!this.control.isWaiting()) return 0;
    const start = performance.now();
    this.emit({ type: 'paused' });
    while (this.control.isWaiting()) {
      // A timer keeps the process alive while it waits: the control socket does not.
      const alive = setInterval(() => undefined, 1_000);
      await this.control.changed();
      clearInterval(alive);
    }
    this.emit({ type: 'continued' });
    return performance.now() - start;
  }

  #beat(): void {
    const file = path.join(this.folder, 'heartbeat');
    try {
      rmSync(file, { force: true });
      writeFileSync(file, '', { flag: 'wx' });
    } catch (error) {
      throw describeWriteError(file, error);
    }
    setInterval(() => {
      try {
        const now = new Date();
        utimesSync(file, now, now);
      } catch {
        // The folder was deleted under us; the next checkpoint says so.
      }
      this.#inputs.look();
    }, heartbeatMs).unref();
  }
}
