import * as ort from 'onnxruntime-node';

/** A session that keeps its advice to developers to itself: it would end up among what the user reads. */
export async function createSession(model: Uint8Array): Promise<ort.InferenceSession> {
  return await ort.InferenceSession.create(model, { graphOptimizationLevel: 'all', logSeverityLevel: 3 });
}
