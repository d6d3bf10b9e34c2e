import type { ReadyToTrain } from '../engines/types.js';
import { availableMemory } from '../../common/available-memory.js';
import { gigabytes } from '../../common/bytes.js';
import { GraftError } from '../../common/errors.js';

/**
 * Says before training starts that it will not fit, instead of being ended by the system in the middle of it. An engine that
 * cannot tell is let be.
 *
 * @param limit bytes; undefined: what is free now.
 * @throws GraftError that names the bytes needed and there, and the batch that would fit.
 */
export function checkMemory(demand: ReadyToTrain['memory'], batchSize: number, limit = availableMemory()): void {
  if (demand === 'unknown' || demand.bytes <= limit) return;
  const largest = demand.largestBatch(limit);
  const steps = Math.ceil(batchSize / largest);
  throw new GraftError(
    `fit: training in batches of ${batchSize} needs about ${gigabytes(demand.bytes)} of memory, and ${gigabytes(limit)} is available.`,
    {
      action:
        largest === 0
          ? 'Not even a batch of 1 fits: freeze more layers, or read smaller pictures. If the estimate is wrong, set memoryLimit.'
          : `Set batchSize: ${largest}; with gradientAccumulationSteps: ${steps} the updates stay nearly the same. If the estimate is wrong, set memoryLimit.`,
    },
  );
}
