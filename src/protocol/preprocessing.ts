/** How pixels become the numbers that a base was trained on; the names are those of Keras's `imagenet_utils`. */
export const preprocessings = ['tf', 'caffe', 'torch', 'unit', 'none'] as const;

/** (x − mean) / std, of pixels from 0 to 255; where every std is below 1, of pixels from 0 to 1. One number each, or one for each channel. */
interface MeanAndStd {
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

export type Preprocessing = (typeof preprocessings)[number] | MeanAndStd;

/** For people who must say it. */
export const preprocessingChoices = [...preprocessings, 'mean=…,std=…'].join('|');

export function isPreprocessing(value: unknown): value is Preprocessing {
  if (typeof value === 'string') return preprocessings.some((name) => name === value);
  if (typeof value !== 'object' || value === null || Object.keys(value).length !== 2) return false;
  const { mean, std } = value as Partial<Record<keyof MeanAndStd, unknown>>;
  return isPerChannel(mean) && isPerChannel(std) && std.every((one) => one > 0);
}

function isPerChannel(value: unknown): value is readonly number[] {
  return Array.isArray(value) && (value.length === 1 || value.length === 3) && value.every(Number.isFinite);
}

/** Reads what `preprocessingText` writes; undefined for anything else. */
export function parsePreprocessing(text: string): Preprocessing | undefined {
  const [, mean, std] = /^mean=([^=]+?),\s*std=([^=]+)$/.exec(text.trim()) ?? [];
  const numbers = (list: string) => list.split(',').map((one) => (one.trim() === '' ? NaN : Number(one)));
  const value = mean === undefined || std === undefined ? text.trim() : { mean: numbers(mean), std: numbers(std) };
  return isPreprocessing(value) ? value : undefined;
}

export function preprocessingText(preprocessing: Preprocessing): string {
  if (typeof preprocessing === 'string') return preprocessing;
  return `mean=${preprocessing.mean.join(',')},std=${preprocessing.std.join(',')}`;
}
