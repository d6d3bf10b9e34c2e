import { preprocessingText } from '../../protocol/index.js';
import { channelsOf, channelTransform } from '../data/preprocessing.js';
import type { TrainedModel } from './types.js';

/** What an export says of itself: everything between a decoded picture and the name of its class. */
export function exportMetadata({
  model,
  task = 'classification',
  thresholds,
  classes,
  size,
  resize,
  preprocessing,
  base,
  technique,
  metrics,
  run,
}: TrainedModel) {
  const channels = channelsOf(model);
  return {
    producer: 'graft',
    ...(task === 'classification' ? {} : { task }),
    /** From which probability on each label is said. */
    ...(thresholds === undefined ? {} : { thresholds }),
    /** What the outputs stand for. */
    classes,
    /** [height, width] */
    size,
    /** What happens to another aspect ratio. */
    resize,
    resizeFilter: 'block means, then lanczos3, where smaller; catmull-rom where larger; in the 8-bit steps of libvips',
    background: [255, 255, 255],
    order: `upright, on the background, RGB, resize, ${channels === 1 ? 'luminance, ' : ''}preprocessing, model`,
    /** y[c] = x[order[c]] · scale[c] + offset[c], with x in 0 … 255, RGB or grey. */
    preprocessing: { name: preprocessingText(preprocessing), ...channelTransform(preprocessing, channels) },
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
