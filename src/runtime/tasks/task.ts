import type { Figures, Metrics, Mistake, Prediction, Task, TrainMetrics } from '../../protocol/index.js';
import type { TableOptions } from '../data/table-options.js';
import type { Example, Label } from '../data/example.js';
import type { LossName, LossSpec } from '../engines/specs.js';
import type { FloatTensor } from '../../common/tensor.js';

/** What a model says about some examples. */
export interface Outputs {
  /** [examples, names], row-major: as the task's `outputsOf` gives them. */
  readonly values: Float32Array;
  readonly examples: readonly Pick<Example, 'id' | 'label'>[];
  /** What each output stands for. */
  readonly names: readonly string[];
}

/** A loss as it is measured: nothing is smoothed. */
type MeasuredLoss = Pick<LossSpec, 'kind' | 'deviations'>;

/** What depends on what is learnt, from the model's last layer to the report: one object for each task. */
export interface TaskDefinition {
  readonly name: Task;
  /** What an export calls the outputs, and where the names of what they stand for are beside it. */
  readonly outputName: 'probabilities' | 'numbers';
  readonly namesFile: string;
  /** Losses that it is learnt with, and the activations that a model may end in for each. The first is the default. */
  readonly losses: readonly { readonly loss: LossName; readonly activations: readonly [string, ...string[]] }[];
  /** Metrics that may decide about the best epoch, and which of two values is better. The first is the default. */
  readonly monitors: readonly { readonly metric: string; readonly better: 'higher' | 'lower' }[];
  /** Whether a model with so many outputs can say something about each of these names. */
  fits(units: number, names: readonly string[], activation: string): boolean;
  /** What is wrong with a model that does not fit. */
  misfit(received: string, names: readonly string[]): string;
  /** The model's outputs [n, units] as a value for each name: [n, names]. */
  readonly outputsOf: (outputs: FloatTensor) => Float32Array;
  /** Writes what the outputs should be, into a row of zeros. */
  readonly writeTarget: (label: Label, row: Float32Array) => void;
  /** How a table is read to measure a model with these names. */
  tableOptions(names: readonly string[]): TableOptions;
  /** What the differences of a loss are measured in, by the training examples: of tasks where that is a question. */
  readonly lossScale?: (
    examples: readonly Pick<Example, 'label'>[],
    names: readonly string[],
  ) => Pick<LossSpec, 'deviations'>;
  /** @param thresholds of each name, where the task has some; default: tuned on these examples. */
  figures(outputs: Outputs, loss: MeasuredLoss, thresholds?: readonly number[]): Figures;
  /** From which output on each name is said, chosen by these examples: of tasks where that is a question. */
  readonly tune?: (outputs: Outputs) => readonly number[];
  /** Whether an example is right or wrong: batches and epochs then have an accuracy. */
  readonly countsRight: boolean;
  /** Right or wrong, for each example; undefined where that is no question. */
  right(outputs: Outputs): readonly boolean[] | undefined;
  /** The worst first. */
  mistakes(outputs: Outputs, thresholds?: readonly number[]): Mistake[];
  /** What a model says about one example, for people and programs. */
  say(
    outputs: Float32Array,
    names: readonly string[],
    thresholds?: readonly number[],
  ): Pick<Prediction, 'classes' | 'labels' | 'numbers'>;
  /** The part of an epoch's metrics that is known of the training examples. */
  trainMetrics(metrics: Metrics): TrainMetrics;
  /** Names that no label of these examples has: nothing can be learnt of them. */
  missing(labels: readonly Label[], names: readonly string[]): string | undefined;
}
