import { exportKindOf } from './kinds.js';
import type { TrainedModel } from './types.js';

/** What an export says of itself: everything between an example and the name of its class. */
export function exportMetadata(trained: TrainedModel) {
  const { task = 'classification', thresholds, classes, base, technique, metrics, run } = trained;
  return {
    producer: 'graft',
    ...(task === 'classification' ? {} : { task }),
    /** From which probability on each label is said. */
    ...(thresholds === undefined ? {} : { thresholds }),
    /** What the outputs stand for. */
    classes,
    ...exportKindOf(trained).metadata(trained),
    base: base.name,
    technique,
    metrics,
    run,
  };
}

/** The same where only texts can be kept: what is none is written as JSON. */
export function metadataTexts(trained: TrainedModel): Record<string, string> {
  return Object.fromEntries(
    Object.entries(exportMetadata(trained)).map(([key, value]) => [
      key,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  );
}
