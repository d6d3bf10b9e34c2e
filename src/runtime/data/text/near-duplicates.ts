import type { FoundText } from './types.js';
import { wordsOf, WordSets } from './word-sets.js';

/** Texts with so many of their words in common are nearly the same: the words of both, over those of either. */
const alikeness = 0.9;
/** Texts that are compared with one: in a set where everything looks alike there would be n². */
const mostComparisons = 100;

/**
 * Groups of texts that are nearly the same: they differ in case, punctuation, white space or digits alone, or have nine of ten words in common.
 *
 * Sets whose alikeness (Jaccard) is that high share one of their rarest words (prefix filtering: Chaudhuri et al. 2006, Bayardo et al. 2007):
 * only those that do are compared.
 *
 * @param found texts that differ.
 * @returns two or more in each group; `incomplete`: so many look alike that not all were compared.
 */
export function findNearDuplicates(found: readonly FoundText[]): {
  readonly groups: readonly (readonly FoundText[])[];
  readonly incomplete: boolean;
} {
  const same = new Map<string, number>();
  const sets = new WordSets();
  // The set of each text: those with the same words in the same order have one.
  const setOf = found.map(({ source }) => {
    const words = wordsOf(source.text);
    // Digits alone may be all that tells two texts apart.
    if (words.every((word) => word === '0')) return -1;
    const key = words.join(' ');
    const known = same.get(key) ?? sets.add(words);
    same.set(key, known);
    return known;
  });
  same.clear();
  sets.sortByRarity();
  const parents = Int32Array.from({ length: sets.count }, (_, i) => i);
  const incomplete = joinAlike(sets, parents);
  const groups = new Map<number, FoundText[]>();
  const sizes = new Int32Array(sets.count);
  for (const set of setOf) if (set !== -1) addTo(sizes, rootOf(parents, set));
  for (const [i, one] of found.entries()) {
    const set = setOf[i] ?? -1;
    const root = set === -1 ? -1 : rootOf(parents, set);
    if (root === -1 || (sizes[root] ?? 0) < 2) continue;
    const group = groups.get(root);
    if (group === undefined) groups.set(root, [one]);
    else group.push(one);
  }
  return { groups: [...groups.values()], incomplete };
}

/** Joins sets that are alike. @returns whether some were not compared. */
function joinAlike(sets: WordSets, parents: Int32Array): boolean {
  const order = Int32Array.from(parents).sort((a, b) => sets.sizeOf(a) - sets.sizeOf(b) || a - b);
  const holders = new Map<number, number[]>();
  let incomplete = false;
  for (const one of order) {
    const size = sets.sizeOf(one);
    const least = Math.ceil(alikeness * size);
    let comparisons = 0;
    // Two sets that are alike share one of these: so few words may differ.
    for (const word of sets.rarest(one, size - least + 1)) {
      const others = holders.get(word);
      if (others === undefined) {
        holders.set(word, [one]);
        continue;
      }
      // Those before are no larger; the nearest in size come last.
      for (let k = others.length - 1; k >= 0; k--) {
        const other = others[k] ?? 0;
        if (sets.sizeOf(other) < least) break;
        if (rootOf(parents, one) === rootOf(parents, other)) continue;
        if (comparisons++ >= mostComparisons) {
          incomplete = true;
          break;
        }
        if (sets.alikeness(one, other, alikeness) > 0) parents[rootOf(parents, one)] = rootOf(parents, other);
      }
      others.push(one);
    }
  }
  return incomplete;
}

function addTo(counts: Int32Array, at: number): void {
  counts[at] = (counts[at] ?? 0) + 1;
}

function rootOf(parents: Int32Array, item: number): number {
  let root = item;
  while (parents[root] !== root) {
    // The way is shorter for the next one.
    const above = parents[root] ?? root;
    root = parents[root] = parents[above] ?? above;
  }
  return root;
}
