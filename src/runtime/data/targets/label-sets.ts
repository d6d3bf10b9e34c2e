import { countsOf, labelKey, oneSpelling } from '../labels.js';
import { GraftError } from '../../../common/errors.js';
import { tooFewExamples } from '../problems.js';
import { byCodePoint } from '../../../common/by-code-point.js';
import type { Found } from '../found-data.js';
import type { Targets } from './types.js';

const separator = '|';

/** Multi-label: an example has any number of labels. As text they are `a|b`, in order, and nothing where there is none. */
export const labelSets: Targets = {
  task: 'multi-label',
  spelling(labels, notes) {
    const spelling = oneSpelling(countsOf(labels.flatMap(partsOf)), notes);
    return new Map(labels.map((text) => [text, textOf(partsOf(text).map((part) => spelling.get(part) ?? part))]));
  },
  names: (labels) => [...new Set(labels.flatMap(partsOf))].sort(byCodePoint),
  problem: (names, { words, directory }) =>
    names.length > 0
      ? undefined
      : new GraftError(`No ${words.one} of ${directory} has a label.`, {
          action: `Write the labels of each ${words.one} into its line: "cat|outside", or 1 into the column of each.`,
        }),
  tooFew: (_, count, least, data) => tooFewExamples(count, least, data),
  alikeMayDiffer: false,
  mayBeMissing: true,
  contradiction: 'has different labels',
  labeller(names) {
    const indices = new Map(names.map((name, i) => [name, i]));
    const keys = new Map(names.map((name, i) => [labelKey(name), i]));
    return (text) => {
      const found = partsOf(text).map((part) => indices.get(part) ?? keys.get(labelKey(part)));
      return found.every((index) => index !== undefined) ? found.sort((a, b) => a - b) : undefined;
    };
  },
  text: (label, names) => textOf((label as readonly number[]).map((one) => names[one] ?? '')),
  members(found, names) {
    const members = new Map(names.map((name): [string, Found[]] => [name, []]));
    for (const one of found) for (const part of partsOf(one.label)) members.get(part)?.push(one);
    return members;
  },
  strata(found) {
    const sorted = [...found].sort((a, b) => byCodePoint(a.id, b.id));
    const counts = countsOf(found.flatMap(({ label }) => partsOf(label)));
    // By its rarest label: that one has the least to give to each side.
    const rarest = ({ label }: Found) =>
      partsOf(label).reduce((a, b) => (a === '' || (counts.get(b) ?? 0) < (counts.get(a) ?? 0) ? b : a), '');
    const strata = new Map<string, Found[]>();
    for (const one of sorted) {
      const name = rarest(one);
      const stratum = strata.get(name);
      if (stratum === undefined) strata.set(name, [one]);
      else stratum.push(one);
    }
    return [strata, new Map([['', sorted]])];
  },
};

/** Labels as one text. */
export function textOf(labels: readonly string[]): string {
  return [...new Set(labels)].sort(byCodePoint).join(separator);
}

/** The labels of such a text. */
export function partsOf(text: string): string[] {
  return text === '' ? [] : text.split(separator);
}
