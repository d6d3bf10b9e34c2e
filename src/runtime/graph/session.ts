import * as ort from 'onnxruntime-node';

/**
 * A session that keeps its advice to developers to itself: it would end up among what the user reads.
 *
 * @param options spinning: threads without work wait actively for more. Quick for many small operators in a row; harmful where
 * other threads, which decode pictures, need the same cores. Default true.
 */
export async function createSession(
  model: Uint8Array,
  { spinning = true }: { spinning?: boolean } = {},
): Promise<ort.InferenceSession> {
  return await ort.InferenceSession.create(model, {
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
    ...(spinning ? {} : { extra: { session: { intra_op: { allow_spinning: '0' } } } }),
  });
}
