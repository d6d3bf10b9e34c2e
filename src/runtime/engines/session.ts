import * as ort from 'onnxruntime-node';

import type { Graph } from '../graph/ir.js';
import { encodeModel } from '../graph/protobuf.js';
import { typeOf, type NamedTensors, type Tensor, type TypedData } from '../../common/tensor.js';

/**
 * From version 1.30 on, ONNX Runtime on Linux reports its use to a server of Microsoft's unless it is told not to before its first
 * session. Here, since nobody makes one elsewhere: nothing leaves the machine.
 */
process.env['ORT_DISABLE_TELEMETRY'] = '1';

/** The versions of what computes. */
export const runtimeVersions: Readonly<Record<string, string | undefined>> = { ...ort.env.versions };

/** A graph that ONNX Runtime has loaded. */
export interface Session {
  readonly inputNames: readonly string[];
  /** @param places where outputs go; those without one get a place of their own. */
  run(inputs: NamedTensors, places?: NamedTensors): Promise<NamedTensors>;
  release(): Promise<void>;
}

/**
 * A session that keeps its advice to developers to itself: it would end up among what the user reads.
 *
 * @param model a graph, or the file that holds it.
 * @param options.enableMemPattern whether the second run's values get one planned block, beside what the first run has taken: a few
 * percent faster, and up to twice the memory. Default true.
 */
export async function openSession(
  model: Graph | string,
  { enableMemPattern = true }: { readonly enableMemPattern?: boolean } = {},
): Promise<Session> {
  const options = { graphOptimizationLevel: 'all', logSeverityLevel: 3, enableMemPattern } as const;
  // Two overloads.
  const session =
    typeof model === 'string'
      ? await ort.InferenceSession.create(model, options)
      : await ort.InferenceSession.create(encodeModel(model), options);
  return {
    inputNames: session.inputNames,
    async run(inputs, places = {}) {
      const fetches = session.outputNames.map((name) => [name, places[name] ? toOrt(places[name]) : null] as const);
      const outputs = await session.run(
        Object.fromEntries(Object.entries(inputs).map(([name, tensor]) => [name, toOrt(tensor)])),
        Object.fromEntries(fetches),
      );
      return Object.fromEntries(
        Object.entries(outputs).map(([name, { data, dims }]) => [name, { data: data as TypedData, shape: dims }]),
      );
    },
    release: () => session.release(),
  };
}

/** The same memory. */
function toOrt({ data, shape }: Tensor): ort.Tensor {
  return new ort.Tensor(typeOf(data), data, shape);
}
