/** The sides of a split. */
export const sides = ['train', 'validation', 'test'] as const;
export type Side = (typeof sides)[number];

const words: Record<Side, readonly string[]> = {
  train: ['train', 'training', 'trn', 'train_set', 'trainset'],
  validation: ['validation', 'val', 'valid', 'validate', 'dev', 'development', 'eval'],
  test: ['test', 'testing', 'tst', 'holdout', 'test_set', 'testset'],
};
const sideOfWord = new Map(sides.flatMap((side) => words[side].map((word) => [word, side] as const)));

/** The side that a folder's name or a table's word stands for, in any case: `Valid` is validation. */
export function sideOf(word: string): Side | undefined {
  return sideOfWord.get(word.trim().toLowerCase());
}
