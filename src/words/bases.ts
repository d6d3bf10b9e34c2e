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

/** Size of its pictures and of its weights, published accuracy, licence, speed here. */
export function baseFacts(
  t: Translate,
  { compact, megabytes, percent, rate }: Pick<Numbers, 'compact' | 'megabytes' | 'percent' | 'rate'>,
  { size, anySize, parameters, accuracy, licence, bytes, secondsPerPicture }: BaseOption,
): string[] {
  return [
    ...(anySize === true ? [] : [t('{0} × {1} pixels', ...size)]),
    t('{0} parameters', compact(parameters)),
    megabytes(bytes),
    ...(accuracy === undefined ? [] : [t('{0} on ImageNet', percent(accuracy))]),
    ...(licence === '' ? [] : [licence]),
    secondsPerPicture === undefined
      ? t('speed not measured yet')
      : t('{0} s per picture on this machine', rate(secondsPerPicture)),
  ];
}
