import * as ort from 'onnxruntime-node';

/**
 * From version 1.30 on, ONNX Runtime on Linux reports its use to a server of Microsoft's unless it is told not to before its first
 * session. Here, since nobody makes one elsewhere: nothing leaves the machine.
 */
process.env['ORT_DISABLE_TELEMETRY'] = '1';

/**
 * A session that keeps its advice to developers to itself: it would end up among what the user reads.
 *
 * @param model its bytes, or the file that holds them.
 * @param options.enableMemPattern whether the second run's values get one planned block, beside what the first run has taken: a few
 * percent faster, and up to twice the memory. Default true.
 */
export async function createSession(
  model: Uint8Array | string,
  { enableMemPattern = true }: { readonly enableMemPattern?: boolean } = {},
): Promise<ort.InferenceSession> {
  const options = { graphOptimizationLevel: 'all', logSeverityLevel: 3, enableMemPattern } as const;
  // Two overloads.
  return typeof model === 'string'
    ? await ort.InferenceSession.create(model, options)
    : await ort.InferenceSession.create(model, options);
}
