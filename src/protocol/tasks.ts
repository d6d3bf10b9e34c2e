/** What a model learns about an example. What each task measures is an entry in each of these types. */
export const tasks = ['classification', 'multi-label', 'regression'] as const;
export type Task = (typeof tasks)[number];

/** How well a model does, in a few numbers. */
interface MetricsOf {
  readonly classification: {
    readonly loss: number;
    /** Fraction in [0, 1]. */
    readonly accuracy: number;
    /** Unweighted mean of the F1 of the classes that occur, in [0, 1]. */
    readonly macroF1: number;
  };
  /** Means are over the labels that occur. */
  readonly 'multi-label': {
    readonly loss: number;
    /** Mean average precision: how well the pictures of a label are ranked before the others, without any threshold. In [0, 1], as all of these. */
    readonly meanAveragePrecision: number;
    readonly macroF1: number;
    /** Over all decisions together. */
    readonly microF1: number;
    /** Share of the pictures with exactly the right labels. */
    readonly exactMatch: number;
  };
  /** Where there are several numbers, each figure is the unweighted mean of theirs. */
  readonly regression: {
    readonly loss: number;
    /** Mean absolute error, in the unit of the numbers. */
    readonly mae: number;
    /** Root of the mean squared error, in the unit of the numbers. */
    readonly rmse: number;
    /** Share of the variance that is explained: 1 is perfect, 0 as good as always saying the mean, and it may be below that. */
    readonly r2: number;
  };
}
export type Metrics<T extends Task = Task> = MetricsOf[T];

export interface ClassReport {
  readonly name: string;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  readonly support: number;
}

/** One of the labels that are learnt. */
export interface LabelReport {
  readonly name: string;
  /** It is said from this probability on. */
  readonly threshold: number;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  readonly averagePrecision: number;
  /** Examples that have it, that it is said of, and both. */
  readonly support: number;
  readonly said: number;
  readonly hits: number;
  /** 1 or 0 for each example, and its probability; absent of many examples. */
  readonly truths?: string;
  readonly scores?: readonly number[];
}

/** One of the numbers that are learnt. */
export interface NumberReport {
  readonly name: string;
  readonly mae: number;
  readonly rmse: number;
  readonly r2: number;
  /** True and predicted, example by example; of many examples evenly chosen ones. */
  readonly truths: readonly number[];
  readonly predictions: readonly number[];
}

/** The same in detail: all that a report shows and an interval is computed from. */
interface FiguresOf {
  readonly classification: {
    readonly metrics: Metrics<'classification'>;
    readonly perClass: readonly ClassReport[];
    /** Rows true, columns predicted, counts. */
    readonly confusion: readonly (readonly number[])[];
  };
  readonly 'multi-label': {
    readonly metrics: Metrics<'multi-label'>;
    readonly perLabel: readonly LabelReport[];
    /** Examples that were measured on. */
    readonly measured: number;
  };
  readonly regression: {
    readonly metrics: Metrics<'regression'>;
    readonly perNumber: readonly NumberReport[];
    /** Examples that were measured on. */
    readonly measured: number;
  };
}
export type Figures<T extends Task = Task> = FiguresOf[T];

/** Figures and metrics say by what they hold which task they are of. */
export function isClassification<F extends object>(
  of: F,
): of is Extract<F, Metrics<'classification'> | Figures<'classification'>> {
  return 'confusion' in of || 'accuracy' in of;
}
export function isRegression<F extends object>(of: F): of is Extract<F, Metrics<'regression'> | Figures<'regression'>> {
  return 'perNumber' in of || 'mae' in of;
}

export function isMultiLabel<F extends object>(
  of: F,
): of is Extract<F, Metrics<'multi-label'> | Figures<'multi-label'>> {
  return 'perLabel' in of || 'exactMatch' in of;
}

/** The figures alone, of what holds more. */
export function figuresIn(of: Figures): Figures {
  if (isClassification(of)) return { metrics: of.metrics, perClass: of.perClass, confusion: of.confusion };
  if (isMultiLabel(of)) return { metrics: of.metrics, perLabel: of.perLabel, measured: of.measured };
  return { metrics: of.metrics, perNumber: of.perNumber, measured: of.measured };
}

/** The smallest, the middle and the largest of the numbers that are to be learnt. */
export interface NumberRange {
  readonly name: string;
  readonly min: number;
  readonly median: number;
  readonly max: number;
}
