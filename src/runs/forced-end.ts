import { EventLog } from './event-log.js';

/**
 * Writes into a run's log that it did not answer Stop, for the process that whoever calls this has ended: it cannot say so
 * itself. Where the log cannot be written, the run counts as interrupted.
 */
export function writeForcedEnd(folder: string): void {
  try {
    const log = new EventLog(folder);
    log.emit({ type: 'stopped', ended: true });
    log.close();
  } catch {
    // The disk is full, or the folder is gone.
  }
}
