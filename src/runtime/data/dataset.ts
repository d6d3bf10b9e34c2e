import { createHash } from 'node:crypto';

import { DecodedPictures } from './decoded.js';
import { crossed, left, withoutDuplicates, withoutNearDuplicates } from './duplicates.js';
import type { FoundData } from './found-data.js';
import { groupsOf } from './groups.js';
import { readingShare, type ImageOptions } from './image-options.js';
import { countsOf, oneSpelling } from './labels.js';
import { findNearDuplicates } from './near-duplicates.js';
import { defaultMaxPixels } from './picture.js';
import { missingOnSide, nothingFound, oneClass, tooFew, unsplittable } from './problems.js';
import { byCodePoint, type Found, type Skipped } from './scan.js';
import { splitByClass, Unsplittable } from './split.js';
import type { Side } from './split-words.js';
import type { DataReport, ImageDataset, ImageExample } from './types.js';

/** Decoded pictures that wait for the first pass over them take at most this much memory. */
const decodedBytes = 256 << 20;
/**
 * Classes, split, duplicates and report from what was found.
 *
 * Pictures with the same content count once: the first stays, and one of the test or validation set is never in the training set. Under two
 * different labels nobody knows which is right: all of them are left out and reported. The same picture saved again (another format,
 * quality or size) stays on the side of its twin.
 *
 * @throws GraftError for fewer than two classes, or a class with too few pictures to split.
 */
export async function readDataset(data: FoundData, options: ImageOptions): Promise<ImageDataset> {
  const { size, resize = 'crop', maxPixels = defaultMaxPixels, nearDuplicates = true, fingerprints: store } = options;
  const decoded = new DecodedPictures(decodedBytes);
  const warnings = [...(data.warnings ?? [])];
  let alike: readonly (readonly Found[])[] = [];
  if (nearDuplicates && data.kind !== 'idx') {
    const all = [...(data.test ?? []), ...(data.validation ?? []), ...data.found];
    const distinct = [...new Map(all.map((found) => [found.hash, found])).values()];
    const onProgress = (done: number, total: number) => {
      const shown = readingShare * all.length + (1 - readingShare) * all.length * (done / Math.max(1, total));
      options.onProgress?.(Math.floor(shown), all.length);
    };
    const near = await findNearDuplicates(distinct, { size, resize, maxPixels, store, decoded, onProgress });
    options.onProgress?.(all.length, all.length);
    alike = near.groups;
    if (near.incomplete)
      warnings.push(
        'So many pictures look alike that not all were compared: the same picture, saved again, may be on both sides of the split.',
      );
  }
  return { ...makeDataset({ ...data, warnings }, options, alike), decoded };
}

/** @param alike groups of pictures, by content, that are the same one. */
function makeDataset(
  data: FoundData,
  options: ImageOptions,
  alike: readonly (readonly Found[])[],
): Omit<ImageDataset, 'decoded'> {
  const {
    size,
    seed = 0,
    resize = 'crop',
    augment,
    validation: fraction = 0.2,
    test: testFraction = 0,
    maxPixels = defaultMaxPixels,
  } = options;
  const notes = [...data.notes];
  const warnings = [...(data.warnings ?? [])];
  const skipped = [...data.skipped];
  const { all, own } = oneList(data, notes);
  const hasTest = data.test !== undefined;
  if (hasTest && testFraction > 0) notes.push(`test: ${testFraction} is not used: the data brings its own test set.`);

  if (data.validation !== undefined && options.validation !== undefined)
    notes.push(`validation: ${options.validation} is not used: the data brings its own validation set.`);

  const identical = withoutDuplicates(all, skipped);
  warnings.push(...crossed(identical.duplicates, own, skipped));
  const near = withoutNearDuplicates(identical.kept, alike, own, skipped);
  const { kept } = near;
  warnings.push(...near.warnings);
  notes.push(...near.notes);
  const classes = [...new Set(all.map(({ label }) => label))].sort(byCodePoint);
  if (kept.length === 0) throw nothingFound({ ...data, skipped });
  if (classes.length < 2) throw oneClass(data.directory, classes.join(''), { kind: data.kind, notes });

  const { names, members: grouped } = groupsOf(kept, data.groups, options.group, notes);
  const apart = grouped.filter((group) => new Set(group.map((found) => own.get(found) ?? 'train')).size > 1);
  if (apart.length > 0)
    warnings.push(
      `${apart.length} of the groups are on several sides of the split that the data brings, ${apart[0]?.[0]?.id ?? ''} for instance: the figures will flatter.`,
    );
  const sides = new Map(kept.flatMap((found) => (own.has(found) ? [[found, own.get(found) ?? 'train'] as const] : [])));
  const toSplit = kept.filter((found) => !own.has(found));
  const members = byClass(classes, toSplit);
  const fractions = {
    validation: data.validation === undefined ? fraction : 0,
    test: hasTest ? 0 : testFraction,
    seed,
  };
  for (const [name, pictures] of members) {
    const least = 1 + Number(fractions.validation > 0) + Number(fractions.test > 0);
    if (pictures.length < least && least > 1) throw tooFew(name, pictures.length, least, data, skipped);
  }
  for (const [found, side] of split(members, fractions, near.groups, grouped, data, warnings)) sides.set(found, side);

  const examples: Record<Side, ImageExample[]> = { train: [], validation: [], test: [] };
  const perClass = classes.map(() => ({ train: 0, validation: 0, test: 0 }));
  for (const [label, pictures] of [...byClass(classes, kept).values()].entries()) {
    for (const found of pictures) {
      const { id, source, hash } = found;
      const side = sides.get(found) ?? 'train';
      examples[side].push({ id, source, hash, label });
      const count = perClass[label];
      if (count !== undefined) count[side]++;
    }
  }
  const { train, validation, test } = examples;
  const counts = perClass.map(({ test: forTest, ...count }, label) => ({
    name: classes[label] ?? '',
    ...count,
    ...(test.length === 0 ? {} : { test: forTest }),
  }));
  for (const { name, ...count } of counts) {
    const side = (['train', 'validation'] as const).find((one) => count[one] === 0);
    if (side !== undefined) throw missingOnSide(name, side, data);
    if (count.test === 0) notes.push(`The test set has no pictures of ${name}.`);
  }
  const totals = spread(counts.map((count) => count.train + count.validation + (count.test ?? 0)));
  const report: DataReport = {
    classes: counts,
    imbalance: totals.max / totals.min,
    duplicates: identical.duplicates,
    nearDuplicates: near.found,
    widths: spread(kept.map(({ width }) => width)),
    heights: spread(kept.map(({ height }) => height)),
    skipped,
    notes,
    warnings,
  };
  const hash = createHash('sha256');
  for (const [side, list] of Object.entries(examples))
    for (const { id, label, hash: content } of list) hash.update(`${side}\0${id}\0${label}\0${content}\n`);
  return {
    kind: 'image',
    directory: data.directory,
    classes,
    size,
    resize,
    maxPixels,
    train,
    validation,
    test,
    augment,
    seed,
    report,
    classWeights: counts.map((count) => train.length / (classes.length * count.train)),
    hash: hash.update(classes.join('\0')).digest('hex'),
    ...(names.size === 0 ? {} : { groups: names }),
  };
}

/** The pictures of each class, sorted. */
function byClass(classes: readonly string[], pictures: readonly Found[]): Map<string, Found[]> {
  const members = new Map(classes.map((name): [string, Found[]] => [name, []]));
  for (const picture of pictures) members.get(picture.label)?.push(picture);
  for (const list of members.values()) list.sort((a, b) => byCodePoint(a.id, b.id));
  return members;
}

/** All pictures under one spelling of each label, those of a test set first; and the side of those that have one. */
function oneList(data: FoundData, notes: string[]): { all: Found[]; own: Map<Found, Side> } {
  const { found, validation = [], test = [] } = data;
  const counts = countsOf([...found, ...validation, ...test].map(({ label }) => label));
  const spelling = oneSpelling(counts, notes);
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

/** Groups that people named must hold; pictures that look alike are kept together where that is possible. */
function split(
  members: ReadonlyMap<string, readonly Found[]>,
  fractions: { readonly validation: number; readonly test: number; readonly seed: number },
  alike: readonly (readonly Found[])[],
  named: readonly (readonly Found[])[],
  data: FoundData,
  warnings: string[],
): ReadonlyMap<Found, Side> {
  const toSplit = new Set([...members.values()].flat());
  try {
    return splitByClass(members, { ...fractions, groups: left(toSplit, [...named, ...alike]) });
  } catch (error) {
    if (!(error instanceof Unsplittable)) throw error;
    if (alike.length === 0) throw unsplittable(error.label, data);
    warnings.push(
      `The pictures of "${error.label}" look so much alike that they cannot be kept on one side of the split: the figures will flatter.`,
    );
    try {
      return splitByClass(members, { ...fractions, groups: left(toSplit, named) });
    } catch (second) {
      throw second instanceof Unsplittable ? unsplittable(second.label, data) : second;
    }
  }
}

/**
 * What a model is measured on: of data with a split of their own the test set, or else the validation set; otherwise every picture. Few of
 * them will do.
 */
export function picturesToEvaluate(data: FoundData): {
  readonly pictures: readonly Found[];
  readonly skipped: Skipped[];
} {
  const skipped = [...data.skipped];
  const { test = [], validation = [], found } = data;
  const { kept } = withoutDuplicates([...test, ...validation, ...found], skipped);
  const side = data.test ?? data.validation;
  if (side === undefined) return { pictures: kept, skipped };
  const chosen = new Set(side);
  return { pictures: kept.filter((picture) => chosen.has(picture)), skipped };
}

function spread(values: number[]): { min: number; median: number; max: number } {
  const sorted = values.sort((a, b) => a - b);
  return { min: sorted[0] ?? 0, median: sorted[sorted.length >> 1] ?? 0, max: sorted.at(-1) ?? 0 };
}
