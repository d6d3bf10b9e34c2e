import assert from 'node:assert/strict';

import { GraftError } from '../../src/runtime/errors.js';

/** The error that some work must end with, which says what to do. */
export async function failure(work: Promise<unknown>): Promise<GraftError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof GraftError, `no GraftError: ${String(error)}`);
  assert.ok(error.action.length > 0);
  return error;
}
