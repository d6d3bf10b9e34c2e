import { checkOptions, type OptionTable, type Rule, wholeFrom, yesOrNo } from '../../../common/check-options.js';
import { tableOptionsFor } from '../csv.js';
import { checkSides, splitOptions, type SplitOptions } from '../split-options.js';
import type { TableOptions } from '../table-options.js';
import { textWords } from '../words.js';

export interface TextOptions extends SplitOptions {
  /** Whether to look for texts that are nearly the same, and keep them on one side of the split. Default true. */
  readonly nearDuplicates?: boolean;
}

/** How a table of texts is read, where that cannot be guessed. */
export interface TextTableFileOptions extends TableOptions {
  /** Characters of a line, at most: a longer one is refused. Default 1,048,576. */
  readonly longest?: number;
}

const { seed, ...sides } = splitOptions;
const textOptions: OptionTable<TextOptions> = { ...sides, nearDuplicates: yesOrNo, seed };

/** The options of a table beside those of every reader. */
export const textTableOptions: OptionTable<TextTableFileOptions> = {
  ...tableOptionsFor('text', "{ text: 'message', label: 'intent' }"),
  longest: wholeFrom(1),
};

/** @throws GraftError for an option that cannot be. */
export function checkTextOptions(
  reader: string,
  options: TextOptions,
  more: Readonly<Record<string, Rule>> = {},
): void {
  checkOptions(reader, options, { ...textOptions, ...more });
  checkSides(reader, options, textWords);
}
