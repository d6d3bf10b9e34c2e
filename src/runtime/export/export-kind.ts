import type { NamedTensors } from '../../common/tensor.js';
import type { GraphBuilder, Value } from '../graph/ir.js';
import type { tf } from '../tf.js';
import type { TrainedModel } from './types.js';

/** An example for checking an export, as a batch of one. */
export interface CheckExample {
  /** What the ONNX file is given. */
  readonly given: NamedTensors;
  /** What training would have given the model for it. */
  readonly tensors: NamedTensors;
}

/** Layers of plain TensorFlow.js that stand before a model. */
export interface PlainInput {
  readonly input: tf.SymbolicTensor;
  readonly output: tf.SymbolicTensor;
  readonly layers: readonly tf.layers.Layer[];
}

/** What differs in exports by the kind of data, in whose `Form` its models are: what an example is on its way into the model, and the programs that show it. */
export interface ExportKind<Form = unknown> {
  /** What an export says of all between an example and the model's first layer. */
  metadata(trained: TrainedModel & Form): Readonly<Record<string, unknown>>;
  /** Always the same. */
  checkExamples(trained: TrainedModel & Form): readonly CheckExample[];
  /** Declares what the graph is given, and makes of it what the model's first layers take. */
  onnxInputs(builder: GraphBuilder, trained: TrainedModel & Form): readonly Value[];
  /** What lies beside the ONNX file of that name, by what is after its name without `.onnx`. */
  onnxFiles(trained: TrainedModel & Form, name: string): Promise<Readonly<Record<string, string | Uint8Array>>>;
  /** The same for TensorFlow.js. @throws GraftError for a kind of data that it cannot be given as it is. */
  plainInput(trained: TrainedModel & Form): PlainInput;
  /** What lies in the folder besides the model and its classes, by name. */
  plainFiles(trained: TrainedModel & Form): Promise<Readonly<Record<string, string | Uint8Array>>>;
}
