import path from 'node:path';

import { GraftError } from '../../../common/errors.js';
import { chooseColumns } from '../columns.js';
import { holdsPictures } from '../example-column.js';
import type { Skipped } from '../found-data.js';
import { classColumns } from '../one-hot.js';
import { sideOf, type Side } from '../split-words.js';
import type { Row, Table } from '../table.js';
import { normalText } from './normal-text.js';
import type { TextTableFileOptions } from './options.js';
import { readRecords } from './records.js';
import { textColumn } from './text-column.js';
import { readPieces, type TextPieces } from './text-file.js';

/** What a line of a table says of its text: `cells` are those of its labels. */
export interface TextLine extends Row {
  readonly text: string;
  readonly group: string | undefined;
  readonly split: Side | undefined;
}

/** The lines of a table of texts, with the columns that matter. */
export interface TextLines {
  /** Of labels alone. */
  readonly table: Omit<Table, 'rows'> & { readonly rows: readonly TextLine[] };
  /** Whether there is a column for each class. */
  readonly hasClassColumns: boolean;
  readonly unit: 'line' | 'object';
  readonly skipped: readonly Skipped[];
  readonly notes: readonly string[];
  readonly warnings: readonly string[];
}

/** @throws GraftError for what is no table, and where nobody can tell which column is what. */
export async function textLines(file: string, options: TextTableFileOptions): Promise<TextLines> {
  const notes: string[] = [];
  const lines = await readPieces(file, options.encoding, notes, (text) => linesOf(file, text, options));
  return { ...lines, notes: [...notes, ...lines.notes] };
}

async function linesOf(
  file: string,
  { pieces, damaged }: TextPieces,
  { task = 'classification', columns = {}, longest }: TextTableFileOptions,
): Promise<TextLines> {
  const isNamed = Object.values(columns)
    .flat()
    .some((column) => typeof column === 'string');
  const records = await readRecords(file, pieces, {
    hasHeader: isNamed ? true : undefined,
    ...(longest === undefined ? {} : { longest }),
  });
  const { sample, unit } = records;
  const notes = [...sample.notes];
  if (columns.text === undefined) refusePictures(sample);
  const asLabels = columns.label === undefined && task !== 'regression' ? classColumns(sample) : [];
  const chosen = chooseColumns(
    sample,
    asLabels.length === 0 ? columns : { ...columns, label: asLabels.map((i) => i + 1) },
    notes,
    asLabels.length === 0 ? task : 'multi-label',
    textColumn,
  );
  const words = new Map<string, string>();
  const once = (word: string) => oneOf(words, word.trim());
  const rows: TextLine[] = [];
  const skipped: Skipped[] = [];
  const leaveOut = (line: number, reason: string) => {
    skipped.push({ file: `${path.basename(file)}#${line}`, reason });
  };
  let wrong = 0;
  for await (const batch of records.rows) {
    for (const { line, cells } of batch) {
      if (cells.every((cell) => cell.trim() === '')) continue;
      const text = normalText(cells[chosen.example] ?? '');
      if (text === '') {
        leaveOut(line, 'the text is empty');
        continue;
      }
      if (damaged && cells.some((cell) => cell.includes('\ufffd'))) {
        leaveOut(line, 'holds bytes that are no characters of its encoding');
        wrong++;
        continue;
      }
      const group = chosen.group === undefined ? undefined : once(cells[chosen.group] ?? '');
      const split = sideIn(sample, chosen.split, line, cells);
      rows.push({ line, text: own(text), group, split, cells: chosen.labels.map((i) => once(cells[i] ?? '')) });
    }
  }
  const table = {
    file,
    columns: chosen.labels.map((i) => sample.columns[i] ?? ''),
    ...{ hasHeader: sample.hasHeader, rows, notes: [] },
    ...(sample.separator === undefined ? {} : { separator: sample.separator }),
  };
  const warnings =
    wrong === 0
      ? []
      : [
          `${wrong === 1 ? '1 line' : `${wrong} lines`} of ${path.basename(file)} ${wrong === 1 ? 'holds' : 'hold'} bytes that are no characters of its encoding, and ${wrong === 1 ? 'is' : 'are'} left out: save it as UTF-8 again, or give its encoding.`,
        ];
  return { table, hasClassColumns: asLabels.length > 0, unit, skipped, notes, warnings };
}

/** The same text for itself: as a part of a piece of the file it would keep all of that in memory, other columns too. */
function own(text: string): string {
  return Buffer.from(text).toString();
}

/** Of words that come again one copy, as long as they are few. */
function oneOf(words: Map<string, string>, word: string): string {
  const known = words.get(word);
  if (known !== undefined) return known;
  const copy = own(word);
  if (words.size < 10_000) words.set(copy, copy);
  return copy;
}

function refusePictures(sample: Table): void {
  const { file, columns, rows } = sample;
  const column = holdsPictures(sample, () => true);
  if (column === undefined || rows.length === 0) return;
  throw new GraftError(
    `${file} is a table of pictures: its column ${columns[column] ?? ''} holds names of files, ${(rows[0]?.cells[column] ?? '').slice(0, 60)} for instance.`,
    { action: `Read it with imageCsv, or name the column of texts: columns: { text: '…' }.` },
  );
}

function sideIn(
  { file, columns }: Table,
  column: number | undefined,
  line: number,
  cells: readonly string[],
): Side | undefined {
  if (column === undefined) return undefined;
  const word = cells[column] ?? '';
  const side = sideOf(word);
  if (side !== undefined) return side;
  throw new GraftError(
    `${file}, line ${line}, column ${columns[column] ?? ''}: "${word.slice(0, 40)}" is no side of a split.`,
    { action: 'Write train, validation or test.' },
  );
}
