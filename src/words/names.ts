/** Names that the editor and the panel both show. */
import type { BaseOption, NumberRange, RunPurpose, RunStatus } from '../protocol/index.js';
import type { Numbers } from './numbers.js';
import type { Translate } from './translate.js';

export function statusNames(t: Translate): Readonly<Record<RunStatus, string>> {
  return {
    running: t('Running'),
    paused: t('Paused'),
    done: t('Done'),
    stopped: t('Stopped'),
    failed: t('Failed'),
    interrupted: t('Interrupted'),
  };
}

/** A script or a base, and what else than training with it a run is for. */
export function runName(t: Translate, name: string, purpose: RunPurpose): string {
  switch (purpose) {
    case 'train':
      return name;
    case 'from-scratch':
      return t('{0}, random weights', name);
    case 'learning-rate':
      return t('{0}, learning rate', name);
  }
}

/** Where the weights of a base are. */
export function weightNames(t: Translate): Readonly<Record<BaseOption['weights'], string>> {
  return {
    bundled: t('comes with Graft'),
    cached: t('downloaded'),
    download: t('downloaded on first use'),
    file: t('needs its .h5 file'),
    given: t('from this file'),
    saved: t('saved by Graft'),
  };
}

/** Size of a data set. */
export function classesAndPictures(
  t: Translate,
  { count }: Pick<Numbers, 'count'>,
  classes: number,
  pictures: number,
): string {
  return t('{0} classes, {1} pictures', count(classes), count(pictures));
}

/** Size of a data set of numbers. */
export function numbersAndPictures(
  t: Translate,
  { count }: Pick<Numbers, 'count'>,
  numbers: number,
  pictures: number,
): string {
  return numbers === 1
    ? t('a number, {0} pictures', count(pictures))
    : t('{0} numbers, {1} pictures', count(numbers), count(pictures));
}

/** Size of a data set whose pictures have any number of labels. */
export function labelsAndPictures(
  t: Translate,
  { count }: Pick<Numbers, 'count'>,
  labels: number,
  pictures: number,
): string {
  return t('{0} labels, {1} pictures', count(labels), count(pictures));
}

/** `count from 1 to 9`. */
export function rangeText(
  t: Translate,
  { quantity }: Pick<Numbers, 'quantity'>,
  { name, min, max }: Pick<NumberRange, 'name' | 'min' | 'max'>,
): string {
  return t('{0} from {1} to {2}', name, quantity(min), quantity(max));
}
