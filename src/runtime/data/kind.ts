import type { GraftError } from '../../common/errors.js';
import type { Kind, Mistake } from '../../protocol/index.js';
import type { NamedTensors, TensorType } from '../../common/tensor.js';
import type { TableOptions } from './table-options.js';
import type { Example, Item } from './example.js';
import type { FoundData } from './found-data.js';
import type { ImageModelForm } from './image/form.js';
import type { ChannelTransform, Preprocessing } from './preprocessing.js';
import type { Becomes, TakingBase } from './taking-base.js';
import type { TakingModel } from './taking-model.js';
import type { TextForm } from './text/form.js';
import type { Words } from './words.js';

/** What a program is given of each example, under a name. */
export interface InputSpec {
  readonly name: string;
  readonly type: TensorType;
  /** Without the batch; null where it differs from example to example. */
  readonly shape: readonly (number | null)[];
  /** What becomes of the last axis before the first layer. Absent: the numbers are taken as they are. */
  readonly channels?: ChannelTransform;
}

/** A view of an example as tensors without a batch, under the names of the kind's inputs; or why it cannot be read. */
export type ReadView = { readonly index: number } & (
  { readonly tensors: NamedTensors } | { readonly error: GraftError }
);

/** What a model must be told to see an example as in training, for each kind: beside the kind's name in `graft.json`. */
export type ModelForm = ImageModelForm | TextForm;

/** What a saved model has of its form: fields of `graft.json`, and files beside it by their names. */
export interface SavedForm {
  readonly info: Partial<ImageModelForm>;
  readonly files: Readonly<Record<string, Uint8Array>>;
}

/** How the examples of a data set become tensors. */
export interface Views {
  /** Views of each training example that are computed once and kept: the first is the example as it is. */
  readonly count: number;
  /** How many are held in memory at once: of small ones of many sizes so many that there are several of each. Default 64. */
  readonly atOnce?: number;
  /** Whether the others are changed at random, so that there may be any number of them. */
  readonly random: boolean;
  /** What decides a view's numbers besides the example's content. */
  key(example: Pick<Example, 'hash'>, view: number): string;
  /** Several at a time, in order. Memory does not grow with their number. What cannot be read gives an error in its place. */
  read(items: Iterable<Item>): AsyncGenerator<ReadView>;
  /** Lets go of what was kept for the first pass over all examples. */
  clear(): void;
  /** Files are not what an index, which is in that folder, remembers of them: the next run reads them themselves. */
  distrust(folder: string): Promise<void>;
}

/**
 * What a kind of data is to all that does not know it: one object for each. Split, duplicates, groups, weights, cache, training and
 * evaluation ask it; what only its own scripts, exports and pages need is beside it.
 *
 * `Form` is what its examples are brought into, the same for all of a model: a data set and a trained model have it.
 */
export interface DataKind<Form = unknown, Source extends { readonly path: string } = { readonly path: string }> {
  readonly name: Kind;
  readonly words: Words;
  /** Labelled examples under a path, in whatever layout, not split yet. */
  find(location: string, options: TableOptions): Promise<FoundData>;
  /**
   * A data set in the form that a base takes, where that needs more than the data set says: texts become the tokens of the base.
   *
   * @throws GraftError where the base takes no examples of this kind.
   */
  forBase<Data extends Form>(data: Data, base: TakingBase): Data;
  /** What a base in whose form they are does not see of examples, as a sentence. */
  unseen(sources: Iterable<Source>, form: Form): string | undefined;
  /** @param model what it is for, where that is known. */
  inputs(form: Form, preprocessing: Preprocessing, model?: TakingModel): readonly InputSpec[];
  /** Of a form all that decides an example's numbers: a checkpoint is only continued with the same. */
  formKey(form: Form): readonly unknown[];
  modelForm(form: Form): ModelForm;
  /** Files that a saved model carries for its form, by name. */
  files(form: Form): Readonly<Record<string, string | Uint8Array>>;
  /** The form of a saved model. @throws GraftError for files that are none of ours. */
  savedForm(saved: SavedForm): Promise<ModelForm>;
  /** What becomes of an example before the first layer, where a run's log says it. */
  becomes(base: TakingBase, model: TakingModel): Becomes | undefined;
  /** What to do with a model that takes such a shape, and examples that have another. */
  remedy(shape: readonly (number | null)[]): string;
  views(form: Form): Views;
  /** What reports show of an example where it is no picture. */
  told(source: Source, form: Form): Pick<Mistake, 'text' | 'tokens'>;
  /** One file, whoever it is from. @throws GraftError that names it. */
  readFile(file: string, form: Form): Promise<NamedTensors>;
  /** Files of this kind below a folder. */
  list(folder: string): Promise<string[]>;
  /** Where the example of that id is. */
  sourceOf(directory: string, id: string): Source;
  fileSource(file: string): Source;
  /** Of what is seen: a small JPEG for reports and pages, `side` pixels square; `whole`: all of the picture, neither side longer. @throws GraftError that names the file. */
  show(source: Source, side: number, whole?: boolean): Promise<Buffer>;
}
