import type { Answer } from '../../protocol/index.js';

/** Errors of the service carry what to do next. */
export async function answerOf<T>(promise: Promise<T>): Promise<Answer<T>> {
  try {
    return { ok: true, value: await promise };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const action = error instanceof Error && 'action' in error ? error.action : undefined;
    return { ok: false, message, ...(typeof action === 'string' ? { action } : {}) };
  }
}
