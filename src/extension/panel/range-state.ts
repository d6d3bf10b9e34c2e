import type { RunEvent } from '../../protocol/index.js';
import { BatchSeries } from './batch-series.js';
import type { LogListener } from '../../runs/log-reader.js';

/** Where a stage begins, in epochs and in bytes of the log. */
export interface StageStart {
  readonly x: number;
  readonly offset: number;
}

/** The batches of a part of the log, as close together as the curve may be. */
export class RangeState implements LogListener {
  readonly points = new BatchSeries();

  constructor(private readonly stages: readonly StageStart[]) {}

  wantsBatch(): boolean {
    return this.points.offer();
  }

  onEvent(event: RunEvent, offset: number): void {
    if (event.type !== 'batch') return;
    const start = this.stages.findLast((stage) => stage.offset <= offset)?.x ?? 0;
    const x = start + event.epoch - 1 + event.step / Math.max(event.steps, 1);
    this.points.add({ x, loss: event.loss, accuracy: event.accuracy, offset });
  }
}
