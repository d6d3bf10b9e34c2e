import type { GraftError } from '../../common/errors.js';
import type { Kind } from '../../protocol/index.js';
import type { NamedTensors, TensorType } from '../../common/tensor.js';
import type { TableOptions } from './table-options.js';
import type { Example, Item } from './example.js';
import type { FoundData } from './found-data.js';
import type { ImageModelForm } from './image/form.js';
import type { ChannelTransform, Preprocessing } from './preprocessing.js';
import type { TakingModel } from './taking-model.js';
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
export type ModelForm = ImageModelForm;

/** How the examples of a data set become tensors. */
export interface Views {
  /** Views of each training example that are computed once and kept: the first is the example as it is. */
  readonly count: number;
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
  /** @param model what it is for, where that is known. */
  inputs(form: Form, preprocessing: Preprocessing, model?: TakingModel): readonly InputSpec[];
  /** Of a form all that decides an example's numbers: a checkpoint is only continued with the same. */
  formKey(form: Form): readonly unknown[];
  modelForm(form: Form): ModelForm;
  /** How a script reads examples for a model that takes such a shape. */
  readerFor(shape: readonly (number | null)[]): string;
  views(form: Form): Views;
  /** One file, whoever it is from. @throws GraftError that names it. */
  readFile(file: string, form: Form): Promise<NamedTensors>;
  /** Files of this kind below a folder. */
  list(folder: string): Promise<string[]>;
  /** Where the example of that id is. */
  sourceOf(directory: string, id: string): Source;
  fileSource(file: string): Source;
  /** A small JPEG for reports and pages, `side` pixels square; `whole`: all of the picture, neither side longer. @throws GraftError that names the file. */
  show(source: Source, side: number, whole?: boolean): Promise<Buffer>;
}
