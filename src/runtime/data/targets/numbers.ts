import { GraftError } from '../../../common/errors.js';
import { tooFewExamples } from '../problems.js';
import { byCodePoint } from '../../../common/by-code-point.js';
import type { Found } from '../found-data.js';
import type { Targets } from './types.js';

/** Strata of numbers have at least so many examples. */
const leastInStratum = 10;
const mostStrata = 5;
const separator = ', ';

/** Regression: an example has a number, or several. */
export const numbers: Targets = {
  task: 'regression',
  spelling: () => new Map(),
  names: (_, columns = []) => columns,
  problem(names, { words, directory, found, validation = [], test = [] }) {
    const rows = [...found, ...validation, ...test].map(({ label }) => numbersIn(label));
    const constant = names.find((_, i) => rows.every((row) => row[i] === rows[0]?.[i]));
    if (constant === undefined) return undefined;
    return new GraftError(
      `${constant} is ${rows[0]?.[names.indexOf(constant)] ?? ''} for every ${words.one} of ${directory}.`,
      {
        action:
          names.length === 1
            ? 'There is nothing to learn: give a column of different numbers.'
            : `There is nothing to learn of it: name the other columns: columns: { label: [${names
                .filter((name) => name !== constant)
                .map((name) => `'${name}'`)
                .join(', ')}] }.`,
      },
    );
  },
  tooFew: (_, count, least, data) => tooFewExamples(count, least, data),
  alikeMayDiffer: true,
  contradiction: 'has several numbers',
  labeller: (names) => (text) => {
    const row = numbersIn(text);
    return row.length === names.length && row.every(Number.isFinite) ? row : undefined;
  },
  text: (label) => textOf(label as readonly number[]),
  members: () => new Map(),
  strata(found, names) {
    const whole = new Map([['', [...found].sort((a, b) => byCodePoint(a.id, b.id))]]);
    const count = Math.min(mostStrata, Math.floor(found.length / leastInStratum));
    return count < 2 ? [whole] : [quantiles(found, count, names[0] ?? ''), whole];
  },
  ranges(labels, names) {
    return names.map((name, i) => {
      const sorted = labels.map((label) => (label as readonly number[])[i] ?? NaN).sort((a, b) => a - b);
      return { name, min: sorted[0] ?? 0, median: sorted[sorted.length >> 1] ?? 0, max: sorted.at(-1) ?? 0 };
    });
  },
};

/** As many examples in each, by the first number. */
function quantiles(found: readonly Found[], count: number, name: string): Map<string, Found[]> {
  const first = ({ label }: Found) => numbersIn(label)[0] ?? 0;
  const sorted = [...found].sort((a, b) => first(a) - first(b) || byCodePoint(a.id, b.id));
  return new Map(
    Array.from({ length: count }, (_, i) => {
      const part = sorted.slice(Math.round((i * found.length) / count), Math.round(((i + 1) * found.length) / count));
      return [`${name} ${i + 1}/${count}`, part.sort((a, b) => byCodePoint(a.id, b.id))];
    }),
  );
}

/** Numbers as one text: what a label is until it is known what it means. */
export function textOf(row: readonly number[]): string {
  return row.join(separator);
}

function numbersIn(text: string): number[] {
  return text.split(separator).map(Number);
}
