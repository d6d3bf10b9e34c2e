import type { Figures, LabelReport, RunReport, Technique } from '../../protocol/index.js';
import { counted } from '../../common/counted.js';
import type { Words } from '../data/words.js';

/** Below this many validation examples, a model that is better than guessing may look as if it was not. */
const few = 50;

/**
 * What is no error, and yet nobody wants it: said at the end, with the remedy.
 *
 * @param script as the command line names it.
 * @param words for its examples.
 */
export function doubts(
  report: (FiguresOfClasses | Figures<'multi-label'> | Figures<'regression'>) & Pick<RunReport, 'classes' | 'history'>,
  technique: Technique,
  script: string,
  words: Words,
): Doubt[] {
  if ('confusion' in report) return doubtsOfClasses(report, technique, script, words);
  return 'perLabel' in report ? doubtsOfLabels(report, words) : doubtsOfNumbers(report, words);
}

type FiguresOfClasses = Pick<Figures<'classification'>, 'metrics' | 'confusion'>;

interface Doubt {
  readonly message: string;
  readonly action: string;
}

/** Who ranks by chance has a mean average precision of the share of the examples that have a label. */
function doubtsOfLabels({ perLabel, measured }: Figures<'multi-label'>, { one, many }: Words): Doubt[] {
  // Nothing can be told of what all of these examples have, or none.
  const telling = perLabel.filter(({ support }) => support > 0 && support < measured);
  if (telling.length === 0)
    return [
      {
        message: `${counted(measured, `validation ${one}`, `validation ${many}`)} cannot tell whether the model has learnt anything: all have each label, or none has it.`,
        action: `Add ${many} that have a label and ${many} that do not.`,
      },
    ];
  const mean = (of: (label: LabelReport) => number) =>
    telling.reduce((sum, label) => sum + of(label), 0) / telling.length;
  const [precision, chance] = [mean((label) => label.averagePrecision), mean(({ support }) => support / measured)];
  if (precision > Math.min(chance * 1.1, (1 + chance) / 2)) return [];
  return [
    {
      message: `The model is hardly better than guessing: a mean average precision of ${precision.toFixed(2)}, and guessing has ${chance.toFixed(2)}.`,
      action: `Look at the labels; if they are right, add ${many}, give it more epochs, or try another base.`,
    },
  ];
}

/** A model of numbers has learnt something where it is nearer to them than their mean is. */
function doubtsOfNumbers({ metrics, measured, perNumber }: Figures<'regression'>, { one, many }: Words): Doubt[] {
  if (metrics.r2 > 0) return [];
  const worst = perNumber.length > 1 ? ` of ${perNumber.map(({ name }) => name).join(', ')}` : '';
  return [
    {
      message: `The model is no better than always saying the mean${worst}: R² ${metrics.r2.toFixed(2)} on ${counted(measured, `validation ${one}`, `validation ${many}`)}.`,
      action: `Look at the numbers of the table; if they are right, add ${many}, give it more epochs, or try another base.`,
    },
  ];
}

function doubtsOfClasses(
  { classes, confusion, metrics, history }: FiguresOfClasses & Pick<RunReport, 'classes' | 'history'>,
  technique: Technique,
  script: string,
  { one, many }: Words,
): Doubt[] {
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
        ? `${counted(guess.total, `validation ${one} is`, `validation ${many} are`)} too few to tell the model from guessing: accuracy ${accuracy}, and guessing has up to ${luck} by luck.`
        : metrics.accuracy > guess.share
          ? `The model is no better than guessing: accuracy ${accuracy}; ${most}, and luck makes that up to ${luck}.`
          : `The model is no better than guessing: accuracy ${accuracy}, and ${most}.`,
      action: exploded
        ? 'Look at the labels too.'
        : guess.total < few
          ? `Add ${many}${tooFew ? '' : ', and look at the labels'}.`
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
