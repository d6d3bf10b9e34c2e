import type { Kind } from '../../protocol/index.js';
import { guessKind } from './guess-kind.js';
import { type ImageSummary, summarizeImages } from './image/detect.js';
import type { TableOptions } from './table-options.js';
import { summarizeTexts, type TextSummary } from './text/summarize.js';

/** What can be known of data of any kind without a look into an example. */
export type Summary = ImageSummary | TextSummary;

/**
 * Finds out of which kind data are, and what they are labelled with, for pickers and scripts.
 *
 * @param kind where it is known; default: by what the data hold.
 * @throws GraftError when the data are missing, their labels cannot be read, or there is nothing in them to learn.
 */
export async function summarizeData(location: string, options: TableOptions = {}, kind?: Kind): Promise<Summary> {
  return (kind ?? (await guessKind(location))) === 'text'
    ? await summarizeTexts(location, options)
    : await summarizeImages(location, options);
}
