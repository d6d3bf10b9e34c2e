/** Those of one family beside each other, families and bases in the order that they have. */
export function byFamily<T extends { readonly family: string }>(bases: readonly T[]): readonly (readonly T[])[] {
  const families = new Map<string, T[]>();
  for (const base of bases) families.set(base.family, [...(families.get(base.family) ?? []), base]);
  return [...families.values()];
}
