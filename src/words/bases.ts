/** What is said of a base where one is chosen. */
import type { BaseOption } from '../protocol/index.js';
import type { Numbers } from './numbers.js';
import type { Translate } from './translate.js';

/** Those of one family beside each other, families and bases in the order that they have. */
export function byFamily<T extends { readonly family?: string }>(bases: readonly T[]): readonly (readonly T[])[] {
  const families = new Map<string, T[]>();
  for (const base of bases) {
    const family = families.get(base.family ?? '') ?? [];
    family.push(base);
    families.set(base.family ?? '', family);
  }
  return [...families.values()];
}

/** The heading of those that are listed together. */
export function familyName(t: Translate, { family, weights }: Pick<BaseOption, 'family' | 'weights'>): string {
  return weights === 'saved' ? t('Saved by Graft') : (family ?? '');
}

const mostNames = 8;

/** Size of its pictures and of its weights, published accuracy, licence or what it was saved for, speed here once measured. */
export function baseFacts(
  t: Translate,
  { compact, megabytes, percent, rate }: Pick<Numbers, 'compact' | 'megabytes' | 'percent' | 'rate'>,
  { size, anySize, parameters, accuracy, licence, classes, bytes, secondsPerPicture }: BaseOption,
): string[] {
  return [
    ...(anySize === true ? [] : [t('{0} × {1} pixels', ...size)]),
    t('{0} parameters', compact(parameters)),
    megabytes(bytes),
    ...(accuracy === undefined ? [] : [t('{0} on ImageNet', percent(accuracy))]),
    ...(licence === '' ? [] : [licence]),
    ...(classes === undefined
      ? []
      : [[...classes.slice(0, mostNames), ...(classes.length > mostNames ? ['…'] : [])].join(', ')]),
    ...(secondsPerPicture === undefined ? [] : [t('{0} s per picture on this machine', rate(secondsPerPicture))]),
  ];
}
