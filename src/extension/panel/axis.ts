import type { BatchEvent, EpochEvent, StageEvent } from '../../protocol/index.js';

/**
 * The horizontal axis of the charts: epochs, counted on over the stages and trainings of a script. A stage that a resumed
 * execution enters again keeps its place.
 */
export class Axis {
  #start = 0;
  #end = 0;
  #stage: StageEvent['stage'] | undefined;
  #resumed = false;

  onStarted(resumed: boolean): void {
    this.#resumed = resumed;
  }

  /** Returns where the stage begins, and whether it goes on from before. */
  onStage({ stage }: StageEvent): { readonly x: number; readonly again: boolean } {
    const again = this.#resumed && stage === this.#stage;
    if (!again) this.#start = this.#end;
    this.#stage = stage;
    this.#resumed = false;
    return { x: this.#start, again };
  }

  epoch({ epoch }: Pick<EpochEvent, 'epoch'>): number {
    const x = this.#start + epoch;
    this.#end = x;
    return x;
  }

  batch({ epoch, step, steps }: Pick<BatchEvent, 'epoch' | 'step' | 'steps'>): number {
    return this.#start + epoch - 1 + step / Math.max(steps, 1);
  }
}
