/** A contestant's result in one job. Times in seconds. */
export interface Result {
  readonly job: string;
  readonly contestant: string;
  readonly title: string;
  /** From the start of the process to its end; epochs that were not measured are counted as the last one that was. */
  readonly seconds: number;
  /** Until the script's own work begins. */
  readonly importSeconds: number;
  readonly epochs: number;
  /** Seconds of each epoch that was measured, its evaluation included. */
  readonly epochSeconds: readonly number[];
  readonly phases: Readonly<Record<string, number>>;
  /** Bytes. */
  readonly peakMemory: number | undefined;
  /** Best epoch's, on validation, in [0, 1]. */
  readonly accuracy: number;
  readonly date: string;
}

export interface Results {
  readonly machine: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly photos: number;
  readonly data: string;
  readonly weights: Readonly<Record<string, string>>;
  readonly results: readonly Result[];
}
