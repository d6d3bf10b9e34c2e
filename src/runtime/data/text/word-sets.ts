/** Scripts that write words without spaces between them: a character is a word there. */
const wordForm =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}]|[\p{L}\p{M}]+|\p{N}+/gu;

/** The words of a text in small letters; any number is `0`. */
export function wordsOf(text: string): string[] {
  return (text.toLowerCase().match(wordForm) ?? []).map((word) => (/^\p{N}/u.test(word) ? '0' : word));
}

/** Which different words texts have, as numbers in one array: a million texts are tens of megabytes. */
export class WordSets {
  readonly #ids = new Map<string, number>();
  readonly #counts: number[] = [];
  readonly #ends: number[] = [];
  #words = new Int32Array(1 << 16);

  get count(): number {
    return this.#ends.length;
  }

  /** @returns the number of the set. */
  add(words: readonly string[]): number {
    let end = this.#ends.at(-1) ?? 0;
    for (const word of new Set(words)) {
      let id = this.#ids.get(word);
      if (id === undefined) this.#ids.set(word, (id = this.#counts.push(0) - 1));
      this.#counts[id] = (this.#counts[id] ?? 0) + 1;
      if (end === this.#words.length) this.#grow();
      this.#words[end++] = id;
    }
    return this.#ends.push(end) - 1;
  }

  /** Makes the numbers of rare words the low ones, and sorts each set: the rarest word first. */
  sortByRarity(): void {
    const counts = this.#counts;
    const byRarity = Int32Array.from(counts.keys()).sort((a, b) => (counts[a] ?? 0) - (counts[b] ?? 0) || a - b);
    const ranks = new Int32Array(counts.length);
    byRarity.forEach((id, rank) => (ranks[id] = rank));
    const words = this.#words;
    for (let i = 0; i < (this.#ends.at(-1) ?? 0); i++) words[i] = ranks[words[i] ?? 0] ?? 0;
    for (let set = 0; set < this.count; set++) words.subarray(this.#start(set), this.#ends[set]).sort();
  }

  sizeOf(set: number): number {
    return (this.#ends[set] ?? 0) - this.#start(set);
  }

  /** The rarest words of a set. */
  rarest(set: number, count: number): Int32Array {
    return this.#words.subarray(this.#start(set), this.#start(set) + count);
  }

  /** The words of both over those of either (Jaccard); 0 as soon as it is below `least`. After `sortByRarity`. */
  alikeness(a: number, b: number, least: number): number {
    const [words, sum] = [this.#words, this.sizeOf(a) + this.sizeOf(b)];
    let [i, j, common] = [this.#start(a), this.#start(b), 0];
    const [endA = 0, endB = 0] = [this.#ends[a], this.#ends[b]];
    // So many words may be in one of them alone.
    let odd = sum - 2 * Math.ceil((least * sum) / (1 + least) - 1e-9);
    while (i < endA && j < endB && odd >= 0) {
      const difference = (words[i] ?? 0) - (words[j] ?? 0);
      if (difference === 0) common++;
      else odd--;
      if (difference <= 0) i++;
      if (difference >= 0) j++;
    }
    const alike = common / (sum - common);
    return odd < 0 || alike < least ? 0 : alike;
  }

  #start(set: number): number {
    return this.#ends[set - 1] ?? 0;
  }

  #grow(): void {
    const larger = new Int32Array(2 * this.#words.length);
    larger.set(this.#words);
    this.#words = larger;
  }
}
