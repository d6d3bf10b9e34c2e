import { availableMemory } from './available-memory.js';
import { exactSize } from './bytes.js';
import { GraftError } from './errors.js';

/** What something in a file would become when it is unpacked or built. All sizes in bytes. */
interface Growth {
  readonly file: string;
  /** As the error names it: `the dataset kernel`, `config.json`. */
  readonly what: string;
  /** What it takes in the file. */
  readonly onDisk: number;
  /** What the file says that it becomes. */
  readonly becomes: number;
  /** How many times as large as on disk it may become. */
  readonly factor: number;
  /** So much it may always become. */
  readonly floor: number;
}

/**
 * Looks whether what a file announces is in proportion to the file and fits into memory: before anything is taken for it.
 *
 * @param available bytes of memory that may still be taken; default what the system says.
 * @throws GraftError that names the file and both sizes.
 */
export function checkGrowth(growth: Growth, available: number = availableMemory()): void {
  const { file, what, onDisk, becomes, factor, floor } = growth;
  if (!(becomes <= Math.max(floor, factor * onDisk))) {
    throw new GraftError(`${file}: ${what} would become ${exactSize(becomes)}, out of ${exactSize(onDisk)} on disk.`, {
      action: 'Nothing whole grows like that: get another copy, or do not use this file.',
    });
  }
  if (becomes > available) {
    throw new GraftError(
      `${file}: ${what} needs ${exactSize(becomes)} of memory, and ${exactSize(available)} are free.`,
      {
        action: 'Close other programs, or use a smaller model.',
      },
    );
  }
}
