import type { RunReport, Technique } from '../../protocol/index.js';

/** What is no error, and yet nobody wants it: said at the end, with the remedy. */
export function doubts(
  { classes, confusion, metrics, history }: Pick<RunReport, 'classes' | 'confusion' | 'metrics' | 'history'>,
  technique: Technique,
): { readonly message: string; readonly action: string }[] {
  const last = history.at(-1);
  const solved = last?.learningRate === 0;
  const losses = last === undefined ? [] : [last.train.loss, last.validation.loss];
  const worst = Math.max(metrics.loss, ...losses);
  // Who guesses evenly among the classes has ln(classes).
  const even = Math.log(Math.max(2, classes.length));
  const exploded = worst > 10 * even;
  const found: { message: string; action: string }[] = [];
  if (exploded) {
    found.push({
      message: `The loss is ${worst.toPrecision(2)}, and guessing has ${even.toPrecision(2)}: the training went astray.`,
      action: solved ? 'Give logisticRegression a larger l2.' : 'Lower learningRate by ten.',
    });
  }
  const guess = guessing(confusion);
  if (guess !== undefined && metrics.accuracy <= guess.accuracy && metrics.macroF1 <= guess.macroF1) {
    found.push({
      message: `The model is no better than guessing: accuracy ${percent(metrics.accuracy)}, and the most frequent class is ${percent(guess.share)} of the validation set.`,
      action: exploded
        ? 'Look at the labels too.'
        : solved
          ? 'Look at the labels; if they are right, try another base.'
          : `Look at the labels; if they are right, lower learningRate by ten, or give it more epochs${technique === 'fine-tuning' ? '' : ', or unfreeze more of the base'}.`,
    });
  }
  return found;
}

/** What guessing reaches on these examples, with the luck that one in forty has. */
function guessing(confusion: readonly (readonly number[])[]) {
  const counts = confusion.map((row) => row.reduce((sum, count) => sum + count, 0));
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return undefined;
  const share = Math.max(...counts) / total;
  const luck = 2 * Math.sqrt((share * (1 - share)) / total);
  // Who always says the most frequent class has an F1 of 2p / (1 + p) there, and none elsewhere.
  const alwaysOne = (2 * share) / (1 + share) / counts.length;
  return { share, accuracy: share + luck, macroF1: Math.max(1 / counts.length, alwaysOne) * 1.25 };
}

function percent(fraction: number): string {
  return `${(100 * fraction).toFixed(1)} %`;
}
