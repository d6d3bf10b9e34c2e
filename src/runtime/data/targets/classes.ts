import { inSeveralClasses } from '../duplicates.js';
import { classOf, countsOf, oneSpelling } from '../labels.js';
import { oneClass, tooFew } from '../problems.js';
import { byCodePoint } from '../../../common/by-code-point.js';
import type { Found } from '../found-data.js';
import type { Targets } from './types.js';

/** Classification: an example is of one class. */
export const classes: Targets = {
  task: 'classification',
  spelling: (labels, notes) => oneSpelling(countsOf(labels), notes),
  names: (labels) => [...new Set(labels)].sort(byCodePoint),
  problem: (names, data) => (names.length < 2 ? oneClass(data.directory, names.join(''), data) : undefined),
  labeller(names) {
    const indices = new Map(names.map((name, i) => [name, i]));
    return (text) => indices.get(text) ?? indices.get(classOf(text, names) ?? '');
  },
  tooFew,
  alikeMayDiffer: false,
  contradiction: inSeveralClasses,
  text: (label, names) => names[Number(label)] ?? '',
  members: byClass,
  strata: (found, names) => [byClass(found, names)],
};

function byClass(found: readonly Found[], names: readonly string[]): Map<string, Found[]> {
  const members = new Map(names.map((name): [string, Found[]] => [name, []]));
  for (const one of found) members.get(one.label)?.push(one);
  for (const list of members.values()) list.sort((a, b) => byCodePoint(a.id, b.id));
  return members;
}
