import { GraftError } from '../../../common/errors.js';
import type { Row } from '../table.js';

/** What stands between cells, the likeliest first: tabs are rare in texts. */
const separators = ['\t', ',', ';', '|'] as const;
/** A text of so many characters is a book. */
export const longestRecord = 1 << 20;

/** Takes a file's characters piece by piece and gives the records that are whole. */
export interface RecordReader<T> {
  take(piece: string): T[];
  /** What is left when there is no more. */
  end(): T[];
}

/**
 * Reads separated values (RFC 4180) as they come: a cell in quotes may hold separators, quotes (doubled) and line ends. Quotes that cannot be
 * meant so are characters like any other, as in files of tab-separated texts that know no quoting. Blank lines are passed over.
 *
 * @throws GraftError, when it takes them, for a record without an end.
 */
export class SeparatedReader implements RecordReader<Row> {
  #rest = '';
  #line = 1;

  constructor(
    readonly file: string,
    readonly separator: string,
    readonly longest = longestRecord,
  ) {}

  take(piece: string): Row[] {
    return this.#records(this.#rest + piece, false);
  }

  end(): Row[] {
    return this.#records(this.#rest, true);
  }

  #records(text: string, isAll: boolean): Row[] {
    const rows: Row[] = [];
    let at = 0;
    while (at < text.length) {
      const newline = text.indexOf('\n', at);
      const end = newline === -1 ? text.length : newline;
      const quote = text.indexOf('"', at);
      const isPlain = quote === -1 || quote >= end;
      if (isPlain && newline === -1 && !isAll) break;
      const record = isPlain
        ? { cells: withoutReturn(text.slice(at, end)).split(this.separator), end, lines: 1 }
        : this.#quoted(text, at, isAll);
      if (record === undefined) break;
      const { cells } = record;
      if (record.end - at > this.longest) throw this.#tooLong();
      if (cells.length > 1 || (cells[0] ?? '').trim() !== '') rows.push({ line: this.#line, cells });
      this.#line += record.lines;
      at = record.end + 1;
    }
    this.#rest = text.slice(at);
    if (this.#rest.length > this.longest) throw this.#tooLong();
    return rows;
  }

  /** A record with quotes in it; undefined where its end is not there yet. */
  #quoted(text: string, from: number, isAll: boolean): { cells: string[]; end: number; lines: number } | undefined {
    const cells: string[] = [];
    let lines = 1;
    for (let at = from; ;) {
      const quoted = text[at] === '"' ? this.#quotedCell(text, at, isAll) : 'none';
      if (quoted === undefined) return undefined;
      let end: number;
      if (quoted === 'none') {
        const [separator, newline] = [text.indexOf(this.separator, at), text.indexOf('\n', at)];
        if (newline === -1 && separator === -1 && !isAll) return undefined;
        end = Math.min(...[separator, newline, text.length].filter((place) => place !== -1));
        cells.push(text.slice(at, end));
      } else {
        cells.push(quoted.cell);
        lines += quoted.cell.split('\n').length - 1;
        end = quoted.end;
      }
      if (text[end] === this.separator) {
        at = end + 1;
        continue;
      }
      if (end === text.length && !isAll) return undefined;
      cells.push(withoutReturn(cells.pop() ?? ''));
      return { cells, end, lines };
    }
  }

  /** A cell in quotes and where it ends; `none` where the quote is a character; undefined where its end is not there yet. */
  #quotedCell(text: string, open: number, isAll: boolean): { cell: string; end: number } | 'none' | undefined {
    let hasStray = false;
    for (let from = open + 1; ;) {
      const close = text.indexOf('"', from);
      const inside = text.slice(open + 1, close === -1 ? text.length : close);
      // Where tabs separate, such a cell is two lines of a file that knows no quotes.
      if (inside.includes('\n') && (hasStray || (this.separator === '\t' && inside.includes('\t')))) return 'none';
      if (close === -1) {
        if (!isAll) return undefined;
        if (this.separator === '\t' || !inside.includes('\n')) return 'none';
        throw new GraftError(`${this.file}, line ${this.#line}: a quote is opened and never closed.`, {
          action: 'Close it, or write it twice ("") where it is part of the text.',
        });
      }
      const next = text[close + 1];
      if (next === '"') {
        from = close + 2;
        continue;
      }
      if (next === undefined && !isAll) return undefined;
      const isEnd = next === undefined || next === this.separator || /^\r?\n/.test(text.slice(close + 1, close + 3));
      if (isEnd) {
        const end = next === '\r' ? close + 2 : close + 1;
        return { cell: inside.replaceAll('""', '"'), end };
      }
      hasStray = true;
      from = close + 1;
    }
  }

  #tooLong(): GraftError {
    return new GraftError(`${this.file}: what begins in line ${this.#line} has more than ${this.longest} characters.`, {
      action: 'Check that it is a table with a text in each line, and that each quote that is opened is closed.',
    });
  }
}

const withoutReturn = (line: string) => (line.endsWith('\r') ? line.slice(0, -1) : line);

/** What divides the first lines into the most alike parts; undefined where nothing does. */
export function separatorOf(head: string): string | undefined {
  let best: { readonly separator: string; readonly alike: number } | undefined;
  for (const separator of separators) {
    const rows = firstRows(head, separator);
    const width = rows[0]?.cells.length ?? 0;
    if (width < 2) continue;
    const alike = rows.filter(({ cells }) => cells.length === width).length / rows.length;
    if (best === undefined || alike > best.alike) best = { separator, alike };
  }
  return best?.separator;
}

function firstRows(head: string, separator: string): Row[] {
  try {
    return new SeparatedReader('', separator).take(head.endsWith('\n') ? head : `${head}\n`).slice(0, 100);
  } catch {
    return [];
  }
}
