import type { Kind } from './results.js';

/** From small to large, as Keras calls them. */
const words = ['Tiny', 'Small', 'Mobile', 'S', 'M', 'Base', 'L', 'Large', 'XLarge'];

/** `EfficientNetV2B3` is of the family `EfficientNetV2`, `ResNet50V2` of `ResNetV2`; and how large it is among them. */
function familyOf(name: string): { family: string; rank: number } {
  const [, family = name, size = ''] =
    /^(.*?[a-zA-Z0-9])(Tiny|Small|Mobile|Base|XLarge|Large|[SML]|B?\d+(?:V2)?)$/.exec(name) ?? [name, name];
  const number = Number(/\d+/.exec(size)?.[0] ?? words.indexOf(size));
  return {
    family: size.endsWith('V2') ? `${family}V2` : family,
    rank: words.includes(size) ? 10 + number : number,
  };
}

/** The smallest of each family first, then the next of each. */
export function inOrder(all: Readonly<Record<Kind, readonly string[]>>): { keras: Kind; name: string }[] {
  const rounds: { keras: Kind; name: string; round: number }[] = [];
  for (const keras of ['keras', 'tf_keras'] as const) {
    const seen = new Map<string, number>();
    for (const name of all[keras].toSorted((a, b) => familyOf(a).rank - familyOf(b).rank)) {
      const { family } = familyOf(name);
      const round = seen.get(family) ?? 0;
      seen.set(family, round + 1);
      rounds.push({ keras, name, round });
    }
  }
  return rounds.toSorted((a, b) => a.round - b.round).map(({ keras, name }) => ({ keras, name }));
}
