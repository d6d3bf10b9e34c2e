import { GraftError, messageOf } from '../../../common/errors.js';
import { longestRecord, type RecordReader } from './separated.js';

/** An object of a file of JSON, and which it is. */
export interface JsonRecord {
  /** Of JSON Lines the line; of an array the object, counted from 1. */
  readonly line: number;
  readonly value: Readonly<Record<string, unknown>>;
}

/** JSON Lines: an object in each line. @throws GraftError, when it takes it, for a line that is none. */
export class JsonLinesReader implements RecordReader<JsonRecord> {
  #rest = '';
  #line = 1;

  constructor(
    readonly file: string,
    readonly longest = longestRecord,
  ) {}

  take(piece: string): JsonRecord[] {
    const lines = (this.#rest + piece).split('\n');
    this.#rest = lines.pop() ?? '';
    if (this.#rest.length > this.longest)
      throw tooLong(`${this.file}, line ${this.#line + lines.length}`, this.longest);
    return lines.flatMap((line) => this.#record(line));
  }

  end(): JsonRecord[] {
    const rest = this.#rest;
    this.#rest = '';
    return this.#record(rest);
  }

  #record(text: string): JsonRecord[] {
    const line = this.#line++;
    return text.trim() === '' ? [] : [{ line, value: objectIn(text, `${this.file}, line ${line}`, this.longest) }];
  }
}

/** An array of objects, read as it comes. @throws GraftError, when it takes them, for what is none. */
export class JsonArrayReader implements RecordReader<JsonRecord> {
  #rest = '';
  #count = 0;
  /** Where the search for the end of an object goes on. */
  #at = 0;
  #start = -1;
  #depth = 0;
  #inString = false;

  constructor(
    readonly file: string,
    readonly longest = longestRecord,
  ) {}

  take(piece: string): JsonRecord[] {
    const text = this.#rest + piece;
    const found: JsonRecord[] = [];
    let at = this.#at;
    for (; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (this.#inString) {
        if (code === 0x5c) at++;
        else if (code === 0x22) this.#inString = false;
      } else if (code === 0x22) this.#inString = true;
      else if (code === 0x7b || code === 0x5b) {
        if (++this.#depth === 2) this.#start = at;
      } else if ((code === 0x7d || code === 0x5d) && --this.#depth === 1) {
        const where = `${this.file}, object ${++this.#count}`;
        const value = objectIn(text.slice(this.#start, at + 1), where, this.longest);
        found.push({ line: this.#count, value });
        this.#start = -1;
      }
    }
    // From the object that has no end yet.
    const kept = this.#start === -1 ? text.length : this.#start;
    this.#at = at - kept;
    this.#rest = text.slice(kept);
    if (this.#start !== -1) this.#start = 0;
    if (this.#rest.length > this.longest) throw tooLong(`${this.file}, object ${this.#count + 1}`, this.longest);
    return found;
  }

  end(): JsonRecord[] {
    if (this.#depth !== 0)
      throw new GraftError(`${this.file} ends within its list, after ${this.#count} objects.`, {
        action: 'Copy or save it again.',
      });
    return [];
  }
}

function objectIn(text: string, where: string, longest: number): Readonly<Record<string, unknown>> {
  if (text.length > longest) throw tooLong(where, longest);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    // What the parser says would show the text.
    const at = /position \d+/.exec(messageOf(error))?.[0];
    throw new GraftError(`${where} is not valid JSON${at === undefined ? '' : ` (at ${at})`}.`, {
      action: 'Write one object in each line, {"text": "…", "label": "…"}, or all of them in one list.',
      cause: error,
    });
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new GraftError(`${where} is ${Array.isArray(value) ? 'a list' : typeof value}, not an object.`, {
    action: 'Write each text as an object: {"text": "…", "label": "…"}.',
  });
}

function tooLong(where: string, longest: number): GraftError {
  return new GraftError(`${where} has more than ${longest} characters.`, {
    action: 'Check that it holds one text, and that each quote and bracket that is opened is closed.',
  });
}

/** A value as the cell of a table. A list is of labels, `a|b`; what has parts of its own is no cell. */
export function cellOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return Array.isArray(value) ? value.map(cellOf).join('|') : '';
}
