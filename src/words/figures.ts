import type { ClassReport, Figures, ModelEvaluation } from '../protocol/index.js';
import { intervalsOf, type Intervals } from './intervals.js';
import type { Numbers } from './numbers.js';
import type { Translate } from './translate.js';

/** Below this many, each picture moves a figure by more than two points. */
const few = 50;

/** Figures of classes as they are shown, each with its 95 % interval where the examples are few enough to need one. */
interface FigureTexts {
  readonly accuracy: string;
  readonly macroF1: string;
  /** Name, precision, recall, F1 and number of pictures of each class. */
  readonly rows: readonly (readonly string[])[];
  /** What the brackets mean, where there are any. */
  readonly note?: string;
}

export function figureTexts(
  t: Translate,
  numbers: Numbers,
  { metrics, perClass, confusion }: Figures<'classification'>,
): FigureTexts {
  const intervals = intervalsOf(confusion);
  const mean = numbers.fixedWithin(metrics.macroF1, 3, intervals?.macroF1);
  const over = classesInMean(t, numbers, perClass);
  return {
    accuracy: numbers.percentWithin(metrics.accuracy, intervals?.accuracy),
    macroF1: over === undefined ? mean : `${mean} ${over}`,
    rows: perClass.map((report, c) => classRow(numbers, report, intervals?.perClass[c])),
    ...(intervals === undefined ? {} : { note: t('In brackets: 95 % intervals.') }),
  };
}

/** A class that does not occur has no recall, and no F1. */
function classRow(
  { percentWithin, fixedWithin, count }: Numbers,
  { name, precision, recall, f1, support }: ClassReport,
  intervals: Intervals['perClass'][number] | undefined,
): string[] {
  return [
    name,
    percentWithin(precision, intervals?.precision),
    ...(support === 0 ? ['–', '–'] : [percentWithin(recall, intervals?.recall), fixedWithin(f1, 3, intervals?.f1)]),
    count(support),
  ];
}

/** What one picture weighs, where there are few. */
export function weightOfOne(t: Translate, { count, fixed }: Numbers, pictures: number): string | undefined {
  if (pictures === 0 || pictures >= few) return undefined;
  if (pictures === 1) return t('One picture: the accuracy is all or nothing.');
  const points = 100 / pictures;
  return t(
    '{0} pictures: one more or less right moves the accuracy by {1} points.',
    count(pictures),
    fixed(points, Number.isInteger(points) ? 0 : 1),
  );
}

/** How many of the classes macro F1 is the mean of, where those are not all: the others do not occur. */
function classesInMean(t: Translate, { count }: Numbers, perClass: readonly ClassReport[]): string | undefined {
  const occurring = perClass.filter(({ support }) => support > 0).length;
  return occurring === perClass.length
    ? undefined
    : t('over {0} of {1} classes', count(occurring), count(perClass.length));
}

/** What of an evaluation's pictures the model has learned from; undefined where a model of an older version does not say. */
export function seenText(
  t: Translate,
  { count }: Numbers,
  { images, seen }: Pick<ModelEvaluation, 'images' | 'seen'>,
): string | undefined {
  if (seen === undefined) return undefined;
  const { trained, validated } = seen;
  if (images === 1) return seenOne(t, { trained, validated });
  if (trained === images)
    return t(
      'The model was trained on all {0} of these pictures: this is no measure of how well it does on others.',
      count(images),
    );
  if (validated === images)
    return t(
      'The model was validated on all {0} of these pictures: its best state was chosen by them, so others may do worse.',
      count(images),
    );
  if (trained + validated === 0) return t('None of these pictures were used to train or to validate the model.');
  const of = count(images);
  if (validated === 0) return t('Of these {0} pictures, the model was trained on {1}.', of, count(trained));
  if (trained === 0) return t('Of these {0} pictures, the model was validated on {1}.', of, count(validated));
  return t(
    'Of these {0} pictures, the model was trained on {1} and validated on {2}.',
    of,
    count(trained),
    count(validated),
  );
}

function seenOne(t: Translate, { trained, validated }: NonNullable<ModelEvaluation['seen']>): string {
  if (trained > 0) return t('The model was trained on this picture: this is no measure of how well it does on others.');
  if (validated > 0)
    return t('The model was validated on this picture: its best state was chosen by it, so others may do worse.');
  return t('This picture was used neither to train nor to validate the model.');
}

/** On what the figures are measured that come first: `On the 74 pictures that …`. */
export function measureName(
  t: Translate,
  { count }: Numbers,
  { on, images }: Pick<NonNullable<ModelEvaluation['measure']>, 'on' | 'images'>,
): string {
  if (images === 1)
    return on === 'new' ? t('The picture that it has not seen') : t('The picture that it was only validated on');
  return on === 'new'
    ? t('The {0} pictures that it has not seen', count(images))
    : t('The {0} pictures that it was only validated on', count(images));
}
