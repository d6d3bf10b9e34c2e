import { existsSync } from 'node:fs';
import path from 'node:path';

/**
 * Real data and weights that some tests use; absent on most machines. `GRAFT_TEST_DATA` points to the folder, else
 * `../shared/data` beside the checkout is tried.
 */
const root = path.resolve(process.env['GRAFT_TEST_DATA'] ?? path.join(process.cwd(), '..', 'shared', 'data'));

/** The absolute path of an entry, and the options for a test that needs it: skipped, with the reason, without it. */
export function sharedData(entry: string): { path: string; options: { skip: string | false } } {
  const file = path.join(root, entry);
  return {
    path: file,
    options: { skip: existsSync(file) ? false : `needs ${entry} from the test data (GRAFT_TEST_DATA)` },
  };
}
