import path from 'node:path';

import { parse } from 'csv-parse/sync';

import { GraftError, messageOf } from '../../common/errors.js';
import { readRegularFile } from '../../common/read-file.js';
import { pictureExtensions } from './image/formats.js';
import { decodeText } from './text-encoding.js';

/** One line of a table. */
export interface Row {
  /** In the file, counted from 1. */
  readonly line: number;
  readonly cells: readonly string[];
}

/** A table as it stands in its file; which column is what is another question. */
export interface Table {
  readonly file: string;
  /** Names of the columns: of its first line, or "column 1", "column 2", … where it has none. */
  readonly columns: readonly string[];
  readonly hasHeader: boolean;
  readonly rows: readonly Row[];
  /** What stands between the cells of a line. */
  readonly separator?: string;
  /** What had to be guessed to read it, in sentences for people. */
  readonly notes: readonly string[];
}

const separators = [',', ';', '\t', '|'] as const;
const separatorNames: Record<string, string> = { ',': 'a comma', ';': 'a semicolon', '\t': 'a tab', '|': 'a bar' };
/** A million lines of 60 characters; ten times as much would take gigabytes as rows. */
const maxBytes = 64 << 20;
const maxLine = 1 << 16;

/** Whether a table of pictures and labels may have this name. */
export function isTableName(file: string): boolean {
  return /\.(csv|tsv|tab)$/i.test(file);
}

/**
 * Reads a file of separated values (RFC 4180: what holds a separator is quoted). Separator and encoding are found out.
 *
 * @param hasHeader decides about the first line where that is known.
 * @throws GraftError when it cannot be read, is empty, or a line has more cells than the first.
 */
export async function readTable(file: string, encoding?: string, hasHeader?: boolean): Promise<Table> {
  const notes: string[] = [];
  const text = await readText(file, encoding, notes);
  const separator = separatorOf(text);
  if (separator === undefined)
    throw new GraftError(`${file} has one column: none of comma, semicolon, tab and bar separates anything in it.`, {
      action: 'It needs a column of pictures and a column of labels: "path,label", then "cats/1.jpg,cat".',
    });
  const [first, ...rest] = records(file, text, separator);
  if (first === undefined)
    throw new GraftError(`${file} is empty.`, { action: 'Add a line "path,label" for each picture.' });
  const headed = hasHeader ?? isHeader(first, rest);
  const columns = headed ? first.cells : first.cells.map((_, i) => `column ${i + 1}`);
  if (!headed) notes.push(`${path.basename(file)} has no line of column names: its first line is a picture.`);
  if (separator !== ',')
    notes.push(`${path.basename(file)}: columns are separated by ${separatorNames[separator] ?? ''}.`);
  const rows = headed ? rest : [first, ...rest];
  for (const { line, cells } of rows) {
    if (cells.length <= columns.length) continue;
    throw new GraftError(`${file}, line ${line} has ${cells.length} cells, the table has ${columns.length} columns.`, {
      action: `Put quotes around what holds ${separatorNames[separator] ?? 'a separator'}: "red${separator} mostly".`,
    });
  }
  return { file, columns, hasHeader: headed, rows, separator, notes };
}

async function readText(file: string, encoding: string | undefined, notes: string[]): Promise<string> {
  const bytes = await readRegularFile(file, maxBytes);
  try {
    const decoded = decodeText(bytes, encoding);
    if (decoded.guessed) {
      const sample = /[^\s,;|]*[^\0-\x7f][^\s,;|]*/.exec(decoded.text)?.[0] ?? '';
      notes.push(
        `${path.basename(file)} is not UTF-8 and is read as ${decoded.encoding}: "${sample}". If that looks wrong, save it as UTF-8 or give its encoding.`,
      );
    } else if (decoded.encoding.startsWith('utf-16')) notes.push(`${path.basename(file)} is ${decoded.encoding}.`);
    return decoded.text;
  } catch (error) {
    throw new GraftError(`${file}: ${encoding ?? ''} is no encoding that is known here: ${messageOf(error)}`, {
      action: "Give one like 'utf-8', 'windows-1252' or 'shift_jis'.",
      cause: error,
    });
  }
}

/** The one that divides the first lines into the most alike parts; of several, the one that leaves names of pictures whole. */
function separatorOf(text: string): string | undefined {
  const head = text.slice(0, 65_536);
  const ratings = separators.map((separator) => {
    const rows = records(
      '',
      head.length < text.length ? head.slice(0, head.lastIndexOf('\n')) : head,
      separator,
      50,
      true,
    );
    const width = rows[0]?.cells.length ?? 0;
    const alike = rows.filter(({ cells }) => cells.length === width).length / Math.max(1, rows.length);
    const named = rows.slice(1).some(({ cells }) => cells.some(isPictureName)) ? 1 : 0;
    return { separator, width, rating: width < 2 ? 0 : alike + named };
  });
  const best = ratings.reduce((a, b) => (b.rating > a.rating ? b : a));
  return best.rating > 0 ? best.separator : undefined;
}

function records(file: string, text: string, separator: string, to?: number, lenient = false): Row[] {
  try {
    const parsed: unknown = parse(text, {
      ...{ bom: true, delimiter: separator, info: true, relax_column_count: true, skip_empty_lines: true, trim: true },
      // A quote within a cell is a character like any other: 5" pipe.
      ...{
        relax_quotes: true,
        max_record_size: maxLine,
        skip_records_with_error: lenient,
        ...(to === undefined ? {} : { to }),
      },
    });
    return (parsed as { record: string[]; info: { lines: number } }[])
      .filter(({ record }) => record.some((cell) => cell !== ''))
      .map(({ record, info }) => ({ line: info.lines, cells: record.map((cell) => cell.trim()) }));
  } catch (error) {
    if (lenient) return [];
    throw new GraftError(`${file} cannot be read as a table: ${messageOf(error)}`, {
      action: 'Check the line it names: a quote that is opened must be closed.',
      cause: error,
    });
  }
}

/** Names of columns, and not the first picture: of those the file's name ends as a picture's does, like all below it. */
function isHeader({ cells }: Row, rest: readonly Row[]): boolean {
  if (cells.some(isPictureName)) return false;
  if (cells.some((cell) => columnWords.has(wordOf(cell)))) return true;
  return (
    rest.length === 0 ||
    rest.some((row) => row.cells.some(isPictureName)) ||
    !cells.some((cell) => /^-?[\d.]+$/.test(cell))
  );
}

export function isPictureName(cell: string): boolean {
  return pictureExtensions.has(path.extname(cell).toLowerCase());
}

/** `Image_ID`, `image id` and `imageId` are one name. */
export function wordOf(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
}

/** What columns are called, by what they are: the likeliest name first. */
export const columnNames = {
  path: words(
    'path filepath file_path filename file_name file image_path imagepath img_path image image_name image_file img img_name picture photo image_id img_id picture_id photo_id file_id id uuid name',
  ),
  label: words(
    'label labels class class_name classname category category_name target species breed variety kind type diagnosis dx disease tag y class_id category_id label_id target_id',
  ),
  group: words('group group_id patient patient_id subject subject_id session session_id speaker speaker_id'),
  split: words('split set subset partition fold dataset'),
} as const;

const columnWords: ReadonlySet<string> = new Set(Object.values(columnNames).flat());

function words(text: string): readonly string[] {
  return [...new Set(text.split(' ').map(wordOf))];
}
