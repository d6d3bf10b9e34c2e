import { numbersOf } from '../src/words/index.js';

/** Numbers in the language of the page, which is that of its texts (`panel/html.ts`). */
export const { percent, count, fixed, significant, rate, tick, compact, day, megabytes, duration, moment, timeOfDay } =
  numbersOf(document.documentElement.lang);

export const fileName = (file: string): string => file.split(/[\\/]/).pop() ?? file;
