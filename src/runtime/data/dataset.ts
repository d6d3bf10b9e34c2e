import { createHash } from 'node:crypto';

import { GraftError } from '../errors.js';
import { permutation, seedOf } from '../random.js';
import { defaultMaxPixels } from './picture.js';
import { oneClass } from './problems.js';
import { byCodePoint, type Found, type InspectOptions, type Skipped } from './scan.js';
import type { Augmentation, DataReport, ImageDataset, ImageExample, ResizeMode } from './types.js';

export interface ImageOptions extends InspectOptions {
  /** [height, width] in pixels. */
  readonly size: readonly [number, number];
  /** Fraction of each class kept for validation, in (0, 1). Default 0.2. Ignored where the data brings its own split. */
  readonly validation?: number;
  /** Decides the split and the augmentation. Default 0. */
  readonly seed?: number;
  /** Default `crop`. */
  readonly resize?: ResizeMode;
  readonly augment?: Augmentation;
}

/** What a reader of some kind of data found: all in one list to be split, or split already. */
export interface FoundData {
  readonly directory: string;
  readonly found: readonly Found[];
  /** The validation set, where the data brings its own. */
  readonly validation?: readonly Found[];
  readonly skipped: readonly Skipped[];
}

/**
 * Classes, split, duplicates and report from what was found.
 *
 * Pictures with the same content count once: the first stays. Under two different labels nobody knows which is right:
 * all of them are left out and reported. A picture of the validation set is never in the training set.
 *
 * @throws GraftError for fewer than two classes, or a class with too few pictures to split.
 */
export function makeDataset(data: FoundData, options: ImageOptions): ImageDataset {
  checkOptions(options);
  const {
    size,
    seed = 0,
    resize = 'crop',
    augment,
    validation: fraction = 0.2,
    maxPixels = defaultMaxPixels,
  } = options;
  const skipped = [...data.skipped];
  const own = new Set(data.validation);
  const { kept, duplicates } = withoutDuplicates([...(data.validation ?? []), ...data.found], skipped);
  const classes = [...new Set([...data.found, ...(data.validation ?? [])].map(({ label }) => label))].sort(byCodePoint);
  const byClass = groupBy(kept, ({ label }) => label);
  checkClasses(classes, kept, data);

  const train: ImageExample[] = [];
  const validation: ImageExample[] = [];
  const counts: { name: string; train: number; validation: number }[] = [];
  for (const [label, name] of classes.entries()) {
    const members = (byClass.get(name) ?? []).sort((a, b) => byCodePoint(a.id, b.id));
    const [forTraining, forValidation] =
      data.validation === undefined ? split(members, fraction, seedOf(seed, 'split', name)) : partition(members, own);
    if (forTraining.length === 0 || forValidation.length === 0) throw tooFew(name, members.length, data);
    // One by one: a call takes some hundred thousand arguments at most.
    for (const { id, source, hash } of forTraining) train.push({ id, source, hash, label });
    for (const { id, source, hash } of forValidation) validation.push({ id, source, hash, label });
    counts.push({ name, train: forTraining.length, validation: forValidation.length });
  }

  const totals = spread(counts.map((count) => count.train + count.validation));
  const report: DataReport = {
    classes: counts,
    imbalance: totals.max / totals.min,
    duplicates,
    widths: spread(kept.map(({ width }) => width)),
    heights: spread(kept.map(({ height }) => height)),
    skipped,
  };
  const hash = createHash('sha256');
  for (const [side, examples] of [
    ['train', train],
    ['validation', validation],
  ] as const) {
    for (const { id, label, hash: content } of examples) hash.update(`${side}\0${id}\0${label}\0${content}\n`);
  }
  return {
    kind: 'image',
    directory: data.directory,
    classes,
    size,
    resize,
    maxPixels,
    train,
    validation,
    augment,
    seed,
    report,
    classWeights: counts.map((count) => train.length / (classes.length * count.train)),
    hash: hash.update(classes.join('\0')).digest('hex'),
  };
}

/** What a model is measured on: every picture, of data with a split of their own the validation set. Few of them will do. */
export function picturesToEvaluate(data: FoundData): {
  readonly pictures: readonly Found[];
  readonly skipped: Skipped[];
} {
  const skipped = [...data.skipped];
  const { kept } = withoutDuplicates([...(data.validation ?? []), ...data.found], skipped);
  if (data.validation === undefined) return { pictures: kept, skipped };
  return { pictures: partition(kept, new Set(data.validation))[1], skipped };
}

function withoutDuplicates(
  found: readonly Found[],
  skipped: Skipped[],
): { kept: Found[]; duplicates: DataReport['duplicates'] } {
  const kept: Found[] = [];
  const duplicates: { ids: string[]; conflicting: boolean }[] = [];
  for (const group of groupBy(found, ({ hash }) => hash).values()) {
    const [first] = group;
    if (first === undefined) continue;
    const labels = [...new Set(group.map(({ label }) => label))];
    const conflicting = labels.length > 1;
    if (group.length > 1) duplicates.push({ ids: group.map(({ id }) => id), conflicting });
    if (!conflicting) {
      kept.push(first);
      continue;
    }
    const reason = `the same picture is in several classes: ${enumerate(labels)}`;
    for (const { id } of group) skipped.push({ file: id, reason });
  }
  return { kept, duplicates };
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}

/** The first ten names, and how many more: each of many pictures says this. */
function enumerate(names: readonly string[]): string {
  const rest = names.length - 10;
  return rest > 0 ? `${names.slice(0, 10).join(', ')} and ${rest} more` : names.join(', ');
}

function split(members: readonly Found[], fraction: number, seed: number): [Found[], Found[]] {
  const count = Math.min(members.length - 1, Math.max(1, Math.round(members.length * fraction)));
  const chosen = new Set(permutation(members.length, seed).subarray(0, Math.max(count, 0)));
  return partition(members, new Set(members.filter((_, i) => chosen.has(i))));
}

function partition(members: readonly Found[], validation: ReadonlySet<Found>): [Found[], Found[]] {
  return [members.filter((member) => !validation.has(member)), members.filter((member) => validation.has(member))];
}

function checkOptions({ size: given, validation = 0.2, seed = 0, augment }: ImageOptions): void {
  const size: readonly number[] = given;
  const wrong = (message: string, action: string) => new GraftError(`imageFolder: ${message}`, { action });
  if (size.length !== 2 || size.some((side) => !Number.isInteger(side) || side < 8 || side > 4096)) {
    throw wrong(`size is [${size.join(', ')}].`, 'It is [height, width] in pixels, each from 8 to 4096.');
  }
  if (!(validation > 0 && validation < 1))
    throw wrong(`validation is ${validation}.`, 'It is a fraction between 0 and 1, for instance 0.2.');
  if (!Number.isInteger(seed)) throw wrong(`seed is ${seed}.`, 'It is a whole number.');
  const { crop = 0, color = 0, rotation = 0, views = 4 } = augment ?? {};
  if (!(crop >= 0 && crop <= 0.9)) throw wrong(`augment.crop is ${crop}.`, 'It is a fraction from 0 to 0.9.');
  if (!(color >= 0 && color <= 1)) throw wrong(`augment.color is ${color}.`, 'It is from 0 to 1.');
  if (!(rotation >= 0 && rotation <= 180))
    throw wrong(`augment.rotation is ${rotation}.`, 'It is in degrees, from 0 to 180.');
  if (!Number.isInteger(views) || views < 1) throw wrong(`augment.views is ${views}.`, 'It is a whole number from 1.');
}

function checkClasses(classes: readonly string[], kept: readonly Found[], { directory, skipped }: FoundData): void {
  const reasons =
    skipped.length === 0
      ? ''
      : ` ${skipped.length} files were skipped, the first one because ${skipped[0]?.reason ?? ''}`;
  const action = 'Put the pictures into one folder per class, at least two classes: data/cats/1.jpg, data/dogs/1.jpg.';
  if (kept.length === 0) throw new GraftError(`There are no pictures in ${directory}.${reasons}`, { action });
  if (classes.length < 2) throw oneClass(directory, classes.join(''));
}

function tooFew(name: string, count: number, { directory, validation }: FoundData): GraftError {
  if (validation !== undefined) {
    return new GraftError(`The class "${name}" of ${directory} is missing on one side of the split.`, {
      action: 'Each class needs pictures in both folders.',
    });
  }
  return new GraftError(
    `The class "${name}" of ${directory} has ${count === 1 ? 'one usable picture' : 'no usable pictures'}; at least two are needed, one to learn from and one to check.`,
    {
      action: `Add pictures to ${name}, or move its folder away.`,
    },
  );
}

function spread(values: number[]): { min: number; median: number; max: number } {
  const sorted = values.sort((a, b) => a - b);
  return { min: sorted[0] ?? 0, median: sorted[sorted.length >> 1] ?? 0, max: sorted.at(-1) ?? 0 };
}
