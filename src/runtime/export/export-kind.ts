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

/** What differs in exports by the kind of data: what an example is on its way into the model, and the programs that show it. */
export interface ExportKind {
  /** What an export says of all between an example and the model's first layer. */
  metadata(trained: TrainedModel): Readonly<Record<string, unknown>>;
  /** Always the same. */
  checkExamples(trained: TrainedModel): readonly CheckExample[];
  /** Declares what the graph is given, and makes of it what the model's first layers take. */
  onnxInputs(builder: GraphBuilder, trained: TrainedModel): readonly Value[];
  /** What lies beside the ONNX file of that name, by what is after its name without `.onnx`. */
  onnxFiles(trained: TrainedModel, name: string): Promise<Readonly<Record<string, string | Uint8Array>>>;
  /** The same for TensorFlow.js. */
  plainInput(trained: TrainedModel): PlainInput;
  /** What lies in the folder besides the model and its classes, by name. */
  plainFiles(trained: TrainedModel): Promise<Readonly<Record<string, string | Uint8Array>>>;
}
