import path from 'node:path';

import { GraftError } from '../../../common/errors.js';
import type { Row, Table } from '../table.js';
import { isHeader } from './header.js';
import { cellOf, JsonArrayReader, JsonLinesReader, type JsonRecord } from './json-records.js';
import { longestRecord, separatorOf, SeparatedReader, type RecordReader } from './separated.js';

/** A table that is read as it comes. */
export interface Records {
  /** Its first rows: what is guessed is guessed by them. */
  readonly sample: Table;
  /** What is counted in a row's `line`. */
  readonly unit: 'line' | 'object';
  /** All rows, those of the sample first. */
  readonly rows: AsyncIterable<readonly Row[]>;
}

/** Rows to guess by: as many, or as many characters. */
const sampleRows = 1000;
const sampleCharacters = 1 << 22;
const separatorNames: Record<string, string> = { ';': 'a semicolon', '\t': 'a tab', '|': 'a bar' };

/**
 * Rows of separated values, of JSON Lines or of an array in JSON: which it is, is seen.
 *
 * @param hasHeader decides about the first line where that is known.
 * @throws GraftError, also while rows are read, for what is none of these.
 */
export async function readRecords(
  file: string,
  pieces: AsyncIterable<string>,
  { hasHeader, longest = longestRecord }: { readonly hasHeader?: boolean | undefined; readonly longest?: number } = {},
): Promise<Records> {
  const source = pieces[Symbol.asyncIterator]();
  const next = async (): Promise<string | undefined> => {
    const result: IteratorResult<string, unknown> = await source.next();
    return result.done === true ? undefined : result.value;
  };
  let head = '';
  let piece: string | undefined = '';
  // Enough to see which format it is, and what separates cells.
  const isEnough = () => head.trim() !== '' && head.length >= 1 << 16 && head.includes('\n');
  while (piece !== undefined && !isEnough() && head.length <= longest) {
    piece = await next();
    head += piece ?? '';
  }
  const first = head.trimStart()[0];
  if (first === undefined)
    throw new GraftError(`${file} is empty.`, { action: 'Give a file with a text in each line.' });
  const reader: RecordReader<Row | JsonRecord> =
    first === '{'
      ? new JsonLinesReader(file, longest)
      : first === '['
        ? new JsonArrayReader(file, longest)
        : new SeparatedReader(file, separatorIn(file, head, piece === undefined), longest);
  let begun = reader.take(head);
  if (piece === undefined) begun = begun.concat(reader.end());
  let characters = head.length;
  while (piece !== undefined && begun.length < sampleRows && characters < sampleCharacters) {
    piece = await next();
    begun = begun.concat(piece === undefined ? reader.end() : reader.take(piece));
    characters += piece?.length ?? 0;
  }
  const isAll = piece === undefined;
  const shape = shapeOf(file, begun, reader, hasHeader);
  return {
    sample: shape.table,
    unit: reader instanceof JsonArrayReader ? 'object' : 'line',
    rows: (async function* () {
      yield shape.table.rows;
      if (isAll) return;
      for (let more = await next(); more !== undefined; more = await next()) yield reader.take(more).map(shape.rowOf);
      yield reader.end().map(shape.rowOf);
    })(),
  };
}

function shapeOf(
  file: string,
  begun: readonly (Row | JsonRecord)[],
  reader: object,
  hasHeader: boolean | undefined,
): { table: Table; rowOf: (record: Row | JsonRecord) => Row } {
  const name = path.basename(file);
  if (!(reader instanceof SeparatedReader)) {
    if (begun.length === 0)
      throw new GraftError(`${file} is JSON without an object in it.`, {
        action: 'Write each text as an object: {"text": "…", "label": "…"}.',
      });
    const columns = [...new Set(begun.flatMap((record) => ('value' in record ? Object.keys(record.value) : [])))];
    const rowOf = (record: Row | JsonRecord): Row =>
      'value' in record ? { line: record.line, cells: columns.map((key) => cellOf(record.value[key])) } : record;
    return { table: { file, columns, hasHeader: true, rows: begun.map(rowOf), notes: [] }, rowOf };
  }
  const rows = begun as readonly Row[];
  const [first, ...rest] = rows;
  if (first === undefined)
    throw new GraftError(`${file} is empty.`, { action: 'Give a file with a text in each line.' });
  const headed = hasHeader ?? isHeader(first, rest);
  const columns = headed ? first.cells.map((cell) => cell.trim()) : first.cells.map((_, i) => `column ${i + 1}`);
  const { separator } = reader;
  const notes = headed ? [] : [`${name} has no line of column names: its first line is a text.`];
  if (separator !== ',') notes.push(`${name}: columns are separated by ${separatorNames[separator] ?? ''}.`);
  const checked = (record: Row | JsonRecord): Row => {
    const row = record as Row;
    if (row.cells.length <= columns.length) return row;
    throw new GraftError(
      `${file}, line ${row.line} has ${row.cells.length} cells, the table has ${columns.length} columns.`,
      { action: `Put quotes around what holds ${separatorNames[separator] ?? 'a comma'}: "well${separator} yes".` },
    );
  };
  return {
    table: { file, columns, hasHeader: headed, rows: (headed ? rest : rows).map(checked), separator, notes },
    rowOf: checked,
  };
}

function separatorIn(file: string, head: string, isAll: boolean): string {
  const whole = isAll ? head : head.slice(0, head.lastIndexOf('\n') + 1);
  const separator = separatorOf(whole === '' ? head : whole);
  if (separator !== undefined) return separator;
  throw new GraftError(`${file} has one column: none of tab, comma, semicolon and bar separates anything in it.`, {
    action: 'It needs a column of texts and a column of labels: "text,label", then "Where is my order?,question".',
  });
}
