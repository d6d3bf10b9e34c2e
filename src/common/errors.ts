/** Exit codes of the `graft` command line. */
export const exitCode = { done: 0, failed: 1, usage: 2, stopped: 130 } as const;

interface ScriptPlace {
  readonly file: string;
  readonly line: number;
}

/**
 * An error that a person can act on.
 *
 * `message` says what was received and why that is wrong; `action` says what to do next. The command line and the
 * editor show both; everything else (stack, cause) goes to the run folder.
 */
export class GraftError extends Error {
  override readonly name = 'GraftError';
  readonly action: string;
  /** The line of a script, where the stack does not tell it. */
  declare readonly place?: ScriptPlace;

  constructor(message: string, options: { action: string; cause?: unknown; place?: ScriptPlace }) {
    // What a library or the system said ends without a full stop, and the action follows.
    super(/[.!?]$/.test(message) ? message : `${message}.`, 'cause' in options ? { cause: options.cause } : undefined);
    this.action = options.action;
    if (options.place !== undefined) this.place = options.place;
  }
}

/** Thrown when the user stopped the run; a checkpoint has been saved. */
export class StoppedError extends Error {
  override readonly name = 'StoppedError';

  constructor(
    message: string,
    /** The checkpoint to resume from, relative to the run folder; undefined when training had not begun. */
    readonly checkpoint?: string,
  ) {
    super(message);
  }
}

/** Thrown to end a script that has nothing more to do: its run is done. */
export class EndOfScript extends Error {
  override readonly name = 'EndOfScript';
}

/** A value that must be there; its absence is a mistake of ours, not of the user's. */
export function present<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`${what} is missing.`);
  return value;
}

/** The text of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Of names that are all alike, as of layers: two letters more, and it is another. */
export const smallSlip = 2;

/**
 * The nearest of `candidates` to `word` by edit distance, or undefined when none is near. For "did you mean …?".
 *
 * @param most how many letters may differ. Default: a third, as in a word that somebody remembers badly.
 */
export function nearest(
  word: string,
  candidates: Iterable<string>,
  most = Math.ceil(word.length / 3),
): string | undefined {
  let best: string | undefined;
  let bestDistance = most + 1;
  for (const candidate of candidates) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min((previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, substitution));
    }
    previous = row;
  }
  return previous[b.length] ?? 0;
}
