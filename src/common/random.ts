/**
 * Stateless randomness: every random decision is a pure function of the seed and of where it is made (stage, epoch,
 * step, example…). A resumed run therefore needs no generator state to repeat exactly what an uninterrupted run does.
 */

/** A 32-bit hash of integers and strings: the seed of one decision. */
export function seedOf(...parts: readonly (number | string)[]): number {
  let hash = 0x811c9dc5;
  for (const part of parts) {
    for (const character of `${part}|`) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  }
  // Final avalanche of MurmurHash3, so that neighbouring inputs give unrelated seeds.
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** A generator of uniform numbers in [0, 1): mulberry32. */
export function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** The numbers 0 … n − 1 in a random order (Fisher–Yates). */
export function permutation(n: number, seed: number): Uint32Array {
  const order = Uint32Array.from({ length: n }, (_, i) => i);
  const random = uniform(seed);
  for (let i = n - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    const swapped = order[i] ?? 0;
    order[i] = order[j] ?? 0;
    order[j] = swapped;
  }
  return order;
}

let seeded: () => number = uniform(0);

/**
 * Makes `Math.random` repeat from run to run: TensorFlow.js draws initial weights from it, and a resumed script must draw
 * the same ones. Only in processes that run a training script.
 */
export function makeRandomRepeatable(): void {
  Math.random = () => seeded();
}

/** Sets the seed of everything in a script that is drawn at random without a seed of its own: initial weights, mostly. */
export function setRandomSeed(seed: number): void {
  seeded = uniform(seedOf(seed, 'script'));
  makeRandomRepeatable();
}
