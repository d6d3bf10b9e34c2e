/** What one command came to. */
export interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly error: string;
  /** Text that no user should see: a stack, the words of an engine. */
  readonly stack?: string;
}

/** `graft …` in the workspace, or what the editor and scripts call themselves: `@base FILE`, `@data LOCATION`, `@describe FILE`. */
export type Step = readonly string[];

export interface Format {
  readonly name: string;
  /** Files that are damaged, one in each case, relative to the workspace; a folder means every file in it. */
  readonly files: readonly string[];
  readonly steps: readonly Step[];
  /** What the steps came to, as text to compare: two equal ones are the same result. */
  readonly result: (workspace: string, outcomes: readonly Outcome[]) => string;
  /** Whether every byte is covered by a checksum of the format, or of Graft's own. */
  readonly checked: boolean;
  /** Whether the steps write nothing, so that the rest of the workspace stays as it is. */
  readonly readsOnly?: true;
}

export type Verdict = 'refused' | 'harmless' | 'silent' | 'crash' | 'stack' | 'hang' | 'memory';

export interface Request {
  readonly workspace: string;
  readonly steps: readonly Step[];
}

export interface Reply {
  readonly outcomes: readonly Outcome[];
  /** Peak of the worker's memory while it worked, in bytes. */
  readonly peak: number;
}
