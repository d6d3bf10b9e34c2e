import type { Answer } from '../../protocol/index.js';

/** What comes of it, or why nothing does: errors of ours carry what to do next. */
export async function answerOf<T>(promise: Promise<T>, log?: (text: string) => void): Promise<Answer<T>> {
  try {
    return { ok: true, value: await promise };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const action = error instanceof Error && 'action' in error ? error.action : undefined;
    log?.(error instanceof Error ? (error.stack ?? message) : message);
    return { ok: false, message, ...(typeof action === 'string' ? { action } : {}) };
  }
}
