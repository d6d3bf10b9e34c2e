import { createHash } from 'node:crypto';

import { present } from '../../common/errors.js';
import { crossed, left, withoutDuplicates, withoutNearDuplicates } from './duplicates.js';
import { groupsOf } from './groups.js';
import type { Example } from './example.js';
import type { Found, FoundData, Skipped } from './found-data.js';
import { emptySide, missingOnSide, nothingFound, unsplittable } from './problems.js';
import { splitByStratum, Unsplittable } from './split.js';
import type { SplitOptions } from './split-options.js';
import type { Side } from './split-words.js';
import { targets, type Strata } from './targets/index.js';
import type { DataReport, Dataset } from './types.js';

/**
 * Classes, split, duplicates and report from what was found.
 *
 * Examples with the same content count once: the first stays, and one of the test or validation set is never in the training set. Under two
 * different labels nobody knows which is right: all of them are left out and reported. The same one saved again (a picture in another
 * format, quality or size) stays on the side of its twin.
 *
 * @param alike groups of examples, by content, that are the same one.
 * @throws GraftError for fewer than two classes, or a class with too few examples to split.
 */
export function splitData(
  data: FoundData,
  options: SplitOptions = {},
  alike: readonly (readonly Found[])[] = [],
): Omit<Dataset, 'kind'> {
  const { seed = 0, validation: fraction = 0.2, test: testFraction = 0 } = options;
  const { many } = data.words;
  const notes = [...data.notes];
  const warnings = [...(data.warnings ?? [])];
  const skipped = [...data.skipped];
  const target = targets[data.task];
  const { all, own } = oneList(data, notes);
  const hasTest = data.test !== undefined;
  if (hasTest && testFraction > 0) notes.push(`test: ${testFraction} is not used: the data brings its own test set.`);

  if (data.validation !== undefined && options.validation !== undefined)
    notes.push(`validation: ${options.validation} is not used: the data brings its own validation set.`);

  const identical = withoutDuplicates(all, skipped, data.words, target.contradiction);
  warnings.push(...crossed(identical.duplicates, own, skipped, data.words));
  const near = withoutNearDuplicates(identical.kept, alike, own, skipped, data.words, target);
  const { kept } = near;
  warnings.push(...near.warnings);
  notes.push(...near.notes);
  const classes = target.names(
    all.map(({ label }) => label),
    data.names,
  );
  if (kept.length === 0) throw nothingFound({ ...data, skipped });
  const problem = target.problem(classes, { ...data, notes });
  if (problem !== undefined) throw problem;

  const { names, members: grouped } = groupsOf(kept, data.groups, options.group, notes, data.words);
  const apart = grouped.filter((group) => new Set(group.map((found) => own.get(found) ?? 'train')).size > 1);
  if (apart.length > 0)
    warnings.push(
      `${apart.length} of the groups are on several sides of the split that the data brings, ${apart[0]?.[0]?.id ?? ''} for instance: the figures will flatter.`,
    );
  const sides = new Map(kept.flatMap((found) => (own.has(found) ? [[found, own.get(found) ?? 'train'] as const] : [])));
  const toSplit = kept.filter((found) => !own.has(found));
  const fractions = {
    validation: data.validation === undefined ? fraction : 0,
    test: hasTest ? 0 : testFraction,
    seed,
  };
  const strata = target.strata(toSplit, classes);
  for (const [name, { length }] of strata.at(-1) ?? []) {
    const least = 1 + Number(fractions.validation > 0) + Number(fractions.test > 0);
    if (length < least && least > 1) throw target.tooFew(name, length, least, data, skipped);
  }
  for (const [found, side] of split(strata, fractions, near.groups, grouped, data, warnings)) sides.set(found, side);

  const labelOf = target.labeller(classes);
  const examples: Record<Side, Example[]> = { train: [], validation: [], test: [] };
  for (const found of [...(target.strata(kept, classes).at(-1)?.values() ?? [])].flat()) {
    const { id, source, hash } = found;
    const label = present(labelOf(found.label), 'A label');
    examples[sides.get(found) ?? 'train'].push({ id, source, hash, label });
  }
  const { train, validation, test } = examples;
  const counts = [...target.members(kept, classes)].map(([name, members]) => {
    const on = (side: Side) => members.filter((found) => (sides.get(found) ?? 'train') === side).length;
    const tested = test.length === 0 ? {} : { test: on('test') };
    return { name, train: on('train'), validation: on('validation'), ...tested };
  });
  for (const { name, ...count } of counts) {
    const needed = target.mayBeMissing === true ? (['train'] as const) : (['train', 'validation'] as const);
    const side = needed.find((one) => count[one] === 0);
    if (side !== undefined) throw missingOnSide(name, side, data);
    if (count.validation === 0) notes.push(`The validation set has no ${many} of ${name}.`);
    if (count.test === 0) notes.push(`The test set has no ${many} of ${name}.`);
  }
  if (train.length === 0 || validation.length === 0) throw emptySide(train.length === 0 ? 'train' : 'validation', data);
  const totals = spread(counts.map((count) => count.train + count.validation + (count.test ?? 0)));
  const report: DataReport = {
    classes: counts,
    ...(target.ranges === undefined
      ? {}
      : {
          numbers: target.ranges(
            [...train, ...validation, ...test].map(({ label }) => label),
            classes,
          ),
        }),
    imbalance: counts.length === 0 ? 1 : totals.max / totals.min,
    duplicates: identical.duplicates,
    nearDuplicates: near.found,
    skipped,
    notes,
    warnings,
  };
  const hash = createHash('sha256');
  for (const [side, list] of Object.entries(examples))
    for (const { id, label, hash: content } of list) hash.update(`${side}\0${id}\0${String(label)}\0${content}\n`);
  return {
    task: data.task,
    directory: data.directory,
    classes,
    train,
    validation,
    test,
    seed,
    report,
    classWeights: counts.map((count) => train.length / (classes.length * count.train)),
    hash: hash.update(classes.join('\0')).digest('hex'),
    ...(names.size === 0 ? {} : { groups: names }),
  };
}

/** All examples under one spelling of each label, those of a test set first; and the side of those that have one. */
function oneList(data: FoundData, notes: string[]): { all: Found[]; own: Map<Found, Side> } {
  const { found, validation = [], test = [] } = data;
  const labels = [...found, ...validation, ...test].map(({ label }) => label);
  const spelling = targets[data.task].spelling(labels, notes);
  const respelled = (list: readonly Found[]) =>
    list.map((one) => {
      const label = spelling.get(one.label) ?? one.label;
      return label === one.label ? one : { ...one, label };
    });
  const sides = { test: respelled(test), validation: respelled(validation), train: respelled(found) };
  const own = new Map<Found, Side>();
  for (const one of sides.test) own.set(one, 'test');
  for (const one of sides.validation) own.set(one, 'validation');
  if (data.validation !== undefined) for (const one of sides.train) own.set(one, 'train');
  return { all: [...sides.test, ...sides.validation, ...sides.train], own };
}

/** Groups that people named must hold; examples that look alike are kept together where that is possible. */
function split(
  [strata = new Map<string, Found[]>(), ...coarser]: readonly Strata[],
  fractions: { readonly validation: number; readonly test: number; readonly seed: number },
  alike: readonly (readonly Found[])[],
  named: readonly (readonly Found[])[],
  data: FoundData,
  warnings: string[],
): ReadonlyMap<Found, Side> {
  const toSplit = new Set([...strata.values()].flat());
  try {
    return splitByStratum(strata, { ...fractions, groups: left(toSplit, [...named, ...alike]) });
  } catch (error) {
    if (!(error instanceof Unsplittable)) throw error;
    if (coarser.length > 0) return split(coarser, fractions, alike, named, data, warnings);
    if (alike.length === 0) throw unsplittable(error.label, data);
    warnings.push(
      `The ${data.words.many} of "${error.label}" look so much alike that they cannot be kept on one side of the split: the figures will flatter.`,
    );
    try {
      return splitByStratum(strata, { ...fractions, groups: left(toSplit, named) });
    } catch (second) {
      throw second instanceof Unsplittable ? unsplittable(second.label, data) : second;
    }
  }
}

/**
 * What a model is measured on: of data with a split of their own the test set, or else the validation set; otherwise everything. Few
 * examples will do.
 */
export function foundToEvaluate(data: FoundData): { readonly found: readonly Found[]; readonly skipped: Skipped[] } {
  const skipped = [...data.skipped];
  const { test = [], validation = [], found } = data;
  const all = [...test, ...validation, ...found];
  const { kept } = withoutDuplicates(all, skipped, data.words, targets[data.task].contradiction);
  const side = data.test ?? data.validation;
  if (side === undefined) return { found: kept, skipped };
  const chosen = new Set(side);
  return { found: kept.filter((one) => chosen.has(one)), skipped };
}

export function spread(values: number[]): { min: number; median: number; max: number } {
  const sorted = values.sort((a, b) => a - b);
  return { min: sorted[0] ?? 0, median: sorted[sorted.length >> 1] ?? 0, max: sorted.at(-1) ?? 0 };
}
