import { checkGrowth } from '../../common/budget.js';
import { GraftError, messageOf } from '../../common/errors.js';
import { openRegularFile, readRegularFile } from '../../common/read-file.js';
import { eachField, integers, textAt, type Span } from './protobuf-reader.js';

/** What an ONNX file tells about its graph. Weights are counted, not read. */
interface OnnxSummary {
  readonly producer: string;
  readonly opset: number;
  readonly nodes: readonly OnnxNode[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly metadata: Readonly<Record<string, string>>;
}

interface OnnxNode {
  readonly name: string;
  readonly type: string;
  /** Null for a size that is not fixed; empty where the file does not say. */
  readonly outputShape: readonly (number | null)[];
  readonly parameters: number;
}

interface OnnxValue {
  readonly name: string;
  readonly shape: readonly (number | null)[];
}

/** A protobuf message has at most 2 GB. */
const maxBytes = 2 ** 31;
/** Far above what the largest networks have; a message of two bytes would else become an object of hundreds. */
const limits = { nodes: 200_000, tensors: 200_000, values: 500_000, metadata: 1000, dimensions: 32 } as const;
/** Bytes of a number, by TensorProto.DataType. */
const bytesOf: Readonly<Record<number, number>> = {
  ...{ 1: 4, 2: 1, 3: 1, 4: 2, 5: 2, 6: 4, 7: 8, 9: 1, 10: 2, 11: 8, 12: 4, 13: 8, 14: 8, 15: 16, 16: 2 },
};

/**
 * Reads the graph of an ONNX file. Field numbers are from https://github.com/onnx/onnx/blob/main/onnx/onnx.proto.
 *
 * @throws GraftError when it is not one, cut off, or made to fill the memory.
 */
export async function readOnnx(file: string): Promise<OnnxSummary> {
  const handle = await openRegularFile(file);
  const { size } = await handle.stat().finally(() => handle.close());
  checkGrowth({ file, what: 'the model', onDisk: size, becomes: size, factor: 1, floor: 0 });
  const bytes = await readRegularFile(file, maxBytes);
  try {
    return readModel(bytes);
  } catch (error) {
    throw new GraftError(`${file} is not a whole ONNX file: ${messageOf(error)}.`, {
      action: 'It is damaged or cut off: download or copy it again.',
      cause: error,
    });
  }
}

function readModel(bytes: Uint8Array): OnnxSummary {
  let graph: Span | undefined;
  let opset = 0;
  const producer = ['', ''];
  const metadata: [string, string][] = [];
  eachField(bytes, [0, bytes.length], {
    2: (span) => (producer[0] = textAt(bytes, span)),
    3: (span) => (producer[1] = textAt(bytes, span)),
    7: (span) => (graph ??= span),
    8: (span) => {
      let [domain, version] = ['', 0];
      eachField(bytes, span, {
        1: (at) => (domain = textAt(bytes, at)),
        2: (_, value) => (version = value),
      });
      if (domain === '') opset = version;
    },
    14: (span) => {
      push(metadata, limits.metadata, 'pieces of metadata', readPair(bytes, span));
    },
  });
  if (graph === undefined) throw new Error('it has no graph');
  return {
    producer: producer.join(' ').trim(),
    opset,
    ...readGraph(bytes, graph),
    metadata: Object.fromEntries(metadata),
  };
}

function readGraph(bytes: Uint8Array, graph: Span): Pick<OnnxSummary, 'nodes' | 'inputs' | 'outputs'> {
  const [nodes, inputs, outputs, values]: [Span[], OnnxValue[], OnnxValue[], OnnxValue[]] = [[], [], [], []];
  const sizes = new Map<string, number>();
  let tensors = 0;
  const value = (list: OnnxValue[]) => (span: Span) => {
    push(list, limits.values, 'values', readValue(bytes, span));
  };
  eachField(bytes, graph, {
    1: (span) => {
      push(nodes, limits.nodes, 'nodes', span);
    },
    5: (span) => {
      if (++tensors > limits.tensors) throw new Error(`it has more than ${limits.tensors} tensors`);
      const { name, count } = readTensor(bytes, span);
      sizes.set(name, count);
    },
    11: value(inputs),
    12: value(outputs),
    13: value(values),
  });
  const initialized = new Set(sizes.keys());
  const shapes = new Map([...values, ...outputs, ...inputs].map(({ name, shape }) => [name, shape]));
  return {
    nodes: nodes.map((span): OnnxNode => {
      let [name, type, output, parameters] = ['', '', '', 0];
      let named = false;
      eachField(bytes, span, {
        1: (at) => {
          const input = textAt(bytes, at);
          parameters += sizes.get(input) ?? 0;
          // A tensor that several nodes share counts once.
          sizes.delete(input);
        },
        2: (at) => {
          if (!named) output = textAt(bytes, at);
          named = true;
        },
        3: (at) => (name = textAt(bytes, at)),
        4: (at) => (type = textAt(bytes, at)),
      });
      return { name: name || output, type, outputShape: shapes.get(output) ?? [], parameters };
    }),
    inputs: inputs.filter(({ name }) => !initialized.has(name)),
    outputs,
  };
}

/** Name and number of values of a tensor. */
function readTensor(bytes: Uint8Array, tensor: Span): { name: string; count: number } {
  const dimensions: number[] = [];
  let [name, type] = ['', 0];
  let raw: number | undefined;
  eachField(bytes, tensor, {
    1: (span, value) => {
      for (const size of integers(bytes, span, value)) push(dimensions, limits.dimensions, 'dimensions', size);
    },
    2: (_, value) => (type = value),
    8: (span) => (name = textAt(bytes, span)),
    9: ([start, end]) => (raw = end - start),
  });
  const count = dimensions.reduce((product, size) => product * size, 1);
  const expected = count * (bytesOf[type] ?? NaN);
  if (!Number.isSafeInteger(count) || (raw !== undefined && expected >= 0 && raw !== expected))
    throw new Error(`the tensor ${name} is [${dimensions.join(', ')}], and ${raw ?? 0} bytes of it are there`);
  return { name, count };
}

function readValue(bytes: Uint8Array, value: Span): OnnxValue {
  const shape: (number | null)[] = [];
  let name = '';
  const dimension = (span: Span) => {
    let size: number | null = null;
    eachField(bytes, span, { 1: (_, number) => (size = number > 0 && Number.isSafeInteger(number) ? number : null) });
    push(shape, limits.dimensions, 'dimensions', size);
  };
  // TypeProto → its tensor → its shape → the dimensions.
  const within = (field: number, next: (span: Span) => void) => (span: Span) => {
    eachField(bytes, span, { [field]: next });
  };
  eachField(bytes, value, {
    1: (span) => (name = textAt(bytes, span)),
    2: within(1, within(2, within(1, dimension))),
  });
  return { name, shape };
}

function readPair(bytes: Uint8Array, span: Span): [string, string] {
  const pair: [string, string] = ['', ''];
  eachField(bytes, span, {
    1: (at) => (pair[0] = textAt(bytes, at)),
    2: (at) => (pair[1] = textAt(bytes, at)),
  });
  return pair;
}

function push<T>(list: T[], limit: number, what: string, item: T): void {
  if (list.push(item) > limit) throw new Error(`it has more than ${limit} ${what}`);
}
