import { GraftError } from '../../common/errors.js';
import type { Words } from './words.js';

/** The file of an example is not what it was when the data were read: whatever is in it now has another label, or none. */
export class ChangedExample extends GraftError {
  constructor(name: string, { many }: Words) {
    super(`${name} has changed since the data were read.`, {
      action: `Start again to use it as it is now; while a training goes on, leave its ${many} alone.`,
    });
  }
}
