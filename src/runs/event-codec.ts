/** An event and its line in a log: how it is written, how it is read, and by what it is checked. */
import { checkEvent, longestLine, longestSentence, type RunEvent } from '../protocol/index.js';

/** An event without its time, which the log adds. */
export type NewEvent = RunEvent extends infer Event ? (Event extends RunEvent ? Omit<Event, 'time'> : never) : never;

export const newline = 0x0a;
/** The type comes first: batches, which are nearly all of a long log, are told apart without being parsed. */
const batchPrefix = Buffer.from('{"type":"batch"');

export function formatEvent({ type, ...fields }: NewEvent, time: number): string {
  return `${JSON.stringify({ type, ...fields, time }, shorten)}\n`;
}

/** Undefined for what is no event: half a line that a killed process left, or anything else. */
export function parseEvent(line: string): RunEvent | undefined {
  if (line.length > longestLine || line.trim() === '') return undefined;
  try {
    return checkEvent(JSON.parse(line));
  } catch {
    return undefined;
  }
}

/** Whether the line at these bytes is a batch's. */
export function isBatchLine(bytes: Buffer, start = 0, end = bytes.length): boolean {
  return (
    bytes[start + 9] === 0x62 && // "b": most other lines are told apart by this one byte
    end - start > batchPrefix.length &&
    bytes.compare(batchPrefix, 0, batchPrefix.length, start, start + batchPrefix.length) === 0
  );
}

/** Readers refuse an event with a longer text; what a library said may be. */
function shorten(_: string, value: unknown): unknown {
  return typeof value === 'string' && value.length > longestSentence
    ? `${value.slice(0, longestSentence - 1)}…`
    : value;
}
