import { numbersOf } from '../src/words/index.js';

/** Numbers in the language of the page, which is that of its texts (`panel/html.ts`). */
export const numbers = numbersOf(document.documentElement.lang);
export const {
  percent,
  count,
  fixed,
  quantity,
  significant,
  rate,
  tick,
  compact,
  megabytes,
  duration,
  moment,
  timeOfDay,
} = numbers;

export const fileName = (file: string): string => file.split(/[\\/]/).pop() ?? file;
