import type { RunReport, Technique } from '../../protocol/index.js';
import { counted } from '../../common/counted.js';

/** Below this many validation pictures, a model that is better than guessing may look as if it was not. */
const few = 50;

/**
 * What is no error, and yet nobody wants it: said at the end, with the remedy.
 *
 * @param script as the command line names it.
 */
export function doubts(
  { classes, confusion, metrics, history }: Pick<RunReport, 'classes' | 'confusion' | 'metrics' | 'history'>,
  technique: Technique,
  script: string,
): { readonly message: string; readonly action: string }[] {
  const last = history.at(-1);
  const solved = last?.learningRate === 0;
  const losses = last === undefined ? [] : [last.train.loss, last.validation.loss];
  const worst = Math.max(metrics.loss, ...losses);
  // Who guesses evenly among the classes has ln(classes).
  const even = Math.log(Math.max(2, classes.length));
  // No number is worse than any.
  const exploded = !(worst <= 10 * even);
  const found: { message: string; action: string }[] = [];
  if (exploded) {
    found.push({
      message: `The loss is ${worst.toPrecision(2)}, and guessing has ${even.toPrecision(2)}: the training went astray.`,
      action: solved
        ? 'Give logisticRegression a larger l2.'
        : `Find a rate that it learns at with: graft find-learning-rate ${script}`,
    });
  }
  const guess = guessing(confusion);
  if (guess !== undefined && metrics.accuracy <= guess.accuracy && metrics.macroF1 <= guess.macroF1) {
    // With more of them, the same figures might tell the two apart.
    const tooFew = guess.total < few && metrics.accuracy > guess.share;
    const [accuracy, share, luck] = [metrics.accuracy, guess.share, guess.accuracy].map(percent);
    const most = `the most frequent class is ${share} of the validation set`;
    found.push({
      message: tooFew
        ? `${counted(guess.total, 'validation picture is', 'validation pictures are')} too few to tell the model from guessing: accuracy ${accuracy}, and guessing has up to ${luck} by luck.`
        : metrics.accuracy > guess.share
          ? `The model is no better than guessing: accuracy ${accuracy}; ${most}, and luck makes that up to ${luck}.`
          : `The model is no better than guessing: accuracy ${accuracy}, and ${most}.`,
      action: exploded
        ? 'Look at the labels too.'
        : guess.total < few
          ? `Add pictures${tooFew ? '' : ', and look at the labels'}.`
          : solved
            ? 'Look at the labels; if they are right, try another base.'
            : `Look at the labels; if they are right, find a learning rate (graft find-learning-rate ${script}), or give it more epochs${technique === 'fine-tuning' ? '' : ', or unfreeze more of the base'}.`,
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
  return { total, share, accuracy: Math.min(1, share + luck), macroF1: Math.max(1 / counts.length, alwaysOne) * 1.25 };
}

function percent(fraction: number): string {
  return `${(100 * fraction).toFixed(1)} %`;
}
