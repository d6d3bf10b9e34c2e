import * as ort from 'onnxruntime-node';

/**
 * A session that keeps its advice to developers to itself: it would end up among what the user reads.
 *
 * @param options.enableMemPattern whether the second run's values get one planned block, beside what the first run has taken: a few
 * percent faster, and up to twice the memory. Default true.
 */
export async function createSession(
  model: Uint8Array,
  { enableMemPattern = true }: { readonly enableMemPattern?: boolean } = {},
): Promise<ort.InferenceSession> {
  return await ort.InferenceSession.create(model, {
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
    enableMemPattern,
  });
}
