/** How the figures of each task are written: what lists, reports, the panel and the command line have in common. */
import { isClassification, isMultiLabel, type Figures, type Metrics, type Task } from '../protocol/index.js';
import { figureTexts, weightOfOne } from './figures.js';
import { accuracyInterval, intervalsOf, type Intervals } from './intervals.js';
import { labelIntervals, type LabelIntervals } from './label-figures.js';
import type { Numbers } from './numbers.js';
import { regressionIntervals, type RegressionIntervals } from './number-intervals.js';
import type { Translate } from './translate.js';

/** A figure that has a name, as it is shown. */
export interface NamedFigure {
  readonly name: string;
  readonly text: string;
}

/** A metric besides the loss. */
export interface MetricWords<M = Metrics> {
  readonly name: string;
  readonly key: string;
  readonly of: (metrics: M) => number;
  readonly text: (value: number) => string;
}

export interface ShownFigures {
  /** What says most first, the loss last. */
  readonly list: readonly NamedFigure[];
  /** The figures of each class, or of each number. */
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Pictures that were measured on. */
  readonly pictures: number;
  /** What the brackets mean, where there are any. */
  readonly note?: string;
  /** What one picture weighs, where there are few. */
  readonly weight?: string;
}

interface TaskWords<T extends Task> {
  readonly metrics: (t: Translate, numbers: Numbers) => readonly MetricWords<Metrics<T>>[];
  readonly shown: (t: Translate, numbers: Numbers, figures: Figures<T>) => ShownFigures;
}

const words: { readonly [T in Task]: TaskWords<T> } = {
  classification: {
    metrics: (t, { percent, fixed }) => [
      { name: t('Accuracy'), key: 'accuracy', of: ({ accuracy }) => accuracy, text: percent },
      { name: t('Macro F1'), key: 'macro_f1', of: ({ macroF1 }) => macroF1, text: (value) => fixed(value, 3) },
    ],
    shown(t, numbers, figures) {
      const { accuracy, macroF1, rows, note } = figureTexts(t, numbers, figures);
      const pictures = picturesMeasured(figures);
      const weight = weightOfOne(t, numbers, pictures);
      return {
        list: [
          { name: t('Accuracy'), text: accuracy },
          { name: t('Macro F1'), text: macroF1 },
          lossOf(t, numbers, figures),
        ],
        title: t('Classes'),
        head: [t('Class'), t('Precision'), t('Recall'), t('F1'), t('Pictures')],
        rows,
        pictures,
        ...(note === undefined ? {} : { note }),
        ...(weight === undefined ? {} : { weight }),
      };
    },
  },
  'multi-label': {
    metrics: (t, { percent, fixed }) => [
      {
        name: t('mAP'),
        key: 'mean_average_precision',
        of: ({ meanAveragePrecision: value }) => value,
        text: three(fixed),
      },
      { name: t('Macro F1'), key: 'macro_f1', of: ({ macroF1 }) => macroF1, text: three(fixed) },
      { name: t('Micro F1'), key: 'micro_f1', of: ({ microF1 }) => microF1, text: three(fixed) },
      { name: t('Exact match'), key: 'exact_match', of: ({ exactMatch }) => exactMatch, text: percent },
    ],
    shown(t, numbers, figures) {
      const intervals = labelIntervals(figures);
      const { metrics, perLabel, measured } = figures;
      const { percentWithin, fixedWithin, fixed, count } = numbers;
      const within = intervals?.metrics;
      return {
        list: [
          { name: t('mAP'), text: fixedWithin(metrics.meanAveragePrecision, 3, within?.meanAveragePrecision) },
          { name: t('Macro F1'), text: fixedWithin(metrics.macroF1, 3, within?.macroF1) },
          { name: t('Micro F1'), text: fixedWithin(metrics.microF1, 3, within?.microF1) },
          { name: t('Exact match'), text: percentWithin(metrics.exactMatch, within?.exactMatch) },
          lossOf(t, numbers, figures),
        ],
        title: t('Labels'),
        head: [
          ...[t('Label'), t('Threshold'), t('Precision'), t('Recall'), t('F1'), t('Average precision'), t('Pictures')],
        ],
        rows: perLabel.map(({ name, threshold, precision, recall, f1, averagePrecision, support }, i) => {
          const of = intervals?.perLabel[i];
          const occurs = support > 0;
          return [
            name,
            fixed(threshold, 3),
            percentWithin(precision, of?.precision),
            ...(occurs ? [percentWithin(recall, of?.recall), fixedWithin(f1, 3, of?.f1)] : ['–', '–']),
            occurs ? fixed(averagePrecision, 3) : '–',
            count(support),
          ];
        }),
        pictures: measured,
        ...(intervals === undefined ? {} : { note: t('In brackets: 95 % intervals.') }),
      };
    },
  },
  regression: {
    metrics: (t, { quantity, fixed }) => [
      { name: t('MAE'), key: 'mae', of: ({ mae }) => mae, text: quantity },
      { name: t('RMSE'), key: 'rmse', of: ({ rmse }) => rmse, text: quantity },
      { name: t('R²'), key: 'r2', of: ({ r2 }) => r2, text: (value) => fixed(value, 3) },
    ],
    shown(t, numbers, figures) {
      const intervals = regressionIntervals(figures);
      const { metrics, perNumber, measured } = figures;
      const { quantityWithin, fixedWithin } = numbers;
      return {
        list: [
          { name: t('MAE'), text: quantityWithin(metrics.mae, intervals?.mae) },
          { name: t('RMSE'), text: quantityWithin(metrics.rmse, intervals?.rmse) },
          { name: t('R²'), text: fixedWithin(metrics.r2, 3, intervals?.r2) },
          lossOf(t, numbers, figures),
        ],
        title: t('Numbers'),
        head: [t('Number'), t('MAE'), t('RMSE'), t('R²')],
        rows: perNumber.map(({ name, mae, rmse, r2 }, i) => {
          const within = intervals?.perNumber[i];
          return [
            name,
            quantityWithin(mae, within?.mae),
            quantityWithin(rmse, within?.rmse),
            fixedWithin(r2, 3, within?.r2),
          ];
        }),
        pictures: measured,
        ...(intervals === undefined ? {} : { note: t('In brackets: 95 % intervals.') }),
      };
    },
  },
};

const three = (fixed: Numbers['fixed']) => (value: number) => fixed(value, 3);

function lossOf(t: Translate, { significant }: Numbers, { metrics }: Figures): NamedFigure {
  return { name: t('Loss'), text: significant(metrics.loss) };
}

export function figuresShown(t: Translate, numbers: Numbers, figures: Figures): ShownFigures {
  if (isClassification(figures)) return words.classification.shown(t, numbers, figures);
  return isMultiLabel(figures)
    ? words['multi-label'].shown(t, numbers, figures)
    : words.regression.shown(t, numbers, figures);
}

/** The metrics besides the loss that are of the same task as these. */
export function metricWords(t: Translate, numbers: Numbers, metrics: Metrics): readonly MetricWords[] {
  // Whoever asks has metrics of one run.
  const task = isClassification(metrics) ? 'classification' : isMultiLabel(metrics) ? 'multi-label' : 'regression';
  return words[task].metrics(t, numbers) as unknown as readonly MetricWords[];
}

/** The metrics besides the loss, where nothing but them is known. @param pictures that they were measured on. */
export function metricsShown(t: Translate, numbers: Numbers, metrics: Metrics, pictures?: number): NamedFigure[] {
  return metricWords(t, numbers, metrics).map(({ name, of, text }, i) => {
    const within = i === 0 && isClassification(metrics) ? accuracyInterval(metrics.accuracy, pictures) : undefined;
    return { name, text: within === undefined ? text(of(metrics)) : numbers.percentWithin(of(metrics), within) };
  });
}

/** The one figure, where there is room for one: `95.8 %`, `MAE 0.34`. A percentage needs no name. */
export function headline(t: Translate, numbers: Numbers, metrics: Metrics): string {
  const [first] = metricsShown(t, numbers, metrics);
  if (first === undefined) return '';
  return isClassification(metrics) ? first.text : `${first.name} ${first.text}`;
}

/** As `headline`, with the interval that the figures have. */
export function figuresHeadline(t: Translate, numbers: Numbers, figures: Figures): string {
  const [first] = figuresShown(t, numbers, figures).list;
  if (first === undefined) return '';
  return isClassification(figures) ? first.text : `${first.name} ${first.text}`;
}

/** `Accuracy 83.3 % · Macro F1 0.833 · Loss 0.5432`. */
export function figuresLine(list: readonly NamedFigure[]): string {
  return list.map(({ name, text }) => `${name} ${text}`).join(' · ');
}

/** The name of a figure within a sentence: `macro F1`, `MAE`. */
export function inSentence(name: string): string {
  return /^[A-Z][a-z]/.test(name) ? `${name.slice(0, 1).toLowerCase()}${name.slice(1)}` : name;
}

/** How many examples were measured on. */
export function picturesMeasured(figures: Figures): number {
  return isClassification(figures) ? figures.confusion.flat().reduce((sum, count) => sum + count, 0) : figures.measured;
}

/** For programs: the 95 % intervals of figures of fewer than a thousand examples. */
export function figureIntervals(figures: Figures): Intervals | LabelIntervals | RegressionIntervals | undefined {
  if (isClassification(figures)) return intervalsOf(figures.confusion);
  return isMultiLabel(figures) ? labelIntervals(figures) : regressionIntervals(figures);
}

/** How many pictures a data set has on each side. */
export function sidesOf({
  classes,
  pictures,
}: {
  readonly classes: readonly { readonly train: number; readonly validation: number; readonly test?: number }[];
  readonly pictures?: { readonly train: number; readonly validation: number; readonly test?: number };
}): { readonly train: number; readonly validation: number; readonly test: number } {
  const of = (side: 'train' | 'validation' | 'test') =>
    pictures === undefined ? classes.reduce((sum, one) => sum + (one[side] ?? 0), 0) : (pictures[side] ?? 0);
  return { train: of('train'), validation: of('validation'), test: of('test') };
}
