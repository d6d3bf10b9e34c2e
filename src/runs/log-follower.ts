import { Turns } from '../common/turns.js';
import type { BatchEvent, RunEvent } from '../protocol/index.js';
import { LogReader, type LogListener } from './log-reader.js';

/**
 * The one reader of a log for all who follow it. Who comes later hears first what has been said before; then each event reaches all of them,
 * read and parsed once.
 */
export class LogFollower {
  readonly #listeners: Several;
  readonly #reader: LogReader;
  /** Two reads at a time would read the same lines. */
  readonly #turns = new Turns();

  private constructor(
    private readonly file: string,
    reader: LogReader,
    listeners: Several,
  ) {
    this.#reader = reader;
    this.#listeners = listeners;
  }

  /** For a first listener that needs no more than the end of the log. */
  static async near(file: string, listener: LogListener, bytes: number): Promise<LogFollower> {
    const listeners = new Several([listener]);
    return new LogFollower(file, await LogReader.near(file, listeners, bytes), listeners);
  }

  /** Where the next line begins. */
  get offset(): number {
    return this.#reader.offset;
  }

  /** Reads what is new. Whether anything was. */
  async read(): Promise<boolean> {
    return await this.#turns.run(() => this.#reader.read());
  }

  /** Tells a listener all that the log says, from its start, and from now on what is new. */
  async follow(listener: LogListener, isCancelled: () => boolean): Promise<void> {
    await this.#turns.run(async () => {
      await this.#reader.read();
      await new LogReader(this.file, listener, { to: this.#reader.offset }).read(isCancelled);
      if (!isCancelled()) this.#listeners.add(listener);
    });
  }

  unfollow(listener: LogListener): void {
    this.#listeners.delete(listener);
  }
}

/** Listeners as one. */
class Several extends Set<LogListener> implements LogListener {
  #wanting: LogListener[] = [];

  wantsBatch(offset: number): boolean {
    this.#wanting = [...this].filter((listener) => listener.wantsBatch?.(offset) === true);
    return this.#wanting.length > 0;
  }

  onEvent(event: RunEvent, offset: number): void {
    for (const listener of this) {
      if (event.type !== 'batch' || this.#wanting.includes(listener)) listener.onEvent(event, offset);
      else listener.onSkipped?.(event);
    }
  }

  onSkipped(event: BatchEvent): void {
    for (const listener of this) listener.onSkipped?.(event);
  }
}
