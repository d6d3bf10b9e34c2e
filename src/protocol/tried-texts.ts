/** Texts that somebody types or pastes to try a model on: how many and how long they may be, wherever they cross a border. */
import { isArrayOf, isTextOf, type Check } from './checks.js';

/** Characters of one text: no base reads as much. */
export const longestTried = 200_000;
const mostTried = 1_000;

const isTried = isArrayOf(isTextOf(longestTried));

export const isTriedTexts: Check<readonly string[]> = (value): value is readonly string[] =>
  isTried(value) && value.length <= mostTried;
