import assert from 'node:assert/strict';

import { GraftError } from '../../src/common/errors.js';

/** The error that `work` ends with, which must be one that a person can act on. */
export async function failure(work: Promise<unknown>): Promise<GraftError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof GraftError, `no GraftError: ${String(error)}`);
  assert.ok(error.action.length > 0);
  assert.ok(!error.message.includes('\n'), error.message);
  return error;
}
