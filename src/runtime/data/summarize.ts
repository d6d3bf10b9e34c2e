import { type ImageSummary, summarizeImages } from './image/detect.js';
import type { TableOptions } from './table-options.js';

/** What can be known of data of any kind without a look into an example. */
export type Summary = ImageSummary;

/**
 * Finds out of which kind data are, and what they are labelled with, for pickers and scripts.
 *
 * @throws GraftError when the data are missing, their labels cannot be read, or there is nothing in them to learn.
 */
export async function summarizeData(location: string, options: TableOptions = {}): Promise<Summary> {
  return await summarizeImages(location, options);
}
