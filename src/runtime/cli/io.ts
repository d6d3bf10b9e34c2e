import { createInterface } from 'node:readline/promises';

import { eastAsianWidth } from 'get-east-asian-width';

import { isClassification, type Figures, type TestReport } from '../../protocol/index.js';
import { counted } from '../../common/counted.js';
import {
  Escaped,
  figureIntervals,
  figuresShown,
  inSentence,
  jsonText,
  numbersOf,
  shorten,
  surface,
  translator,
  visible,
  visibleLines,
  type ShownFigures,
} from '../../words/index.js';

/** Text that may go to a terminal. */
export type Shown = Escaped<'terminal'>;

/** Where a command writes: replaced in tests. Nothing reaches a terminal that has not been through `shown`. */
export interface Io {
  readonly out: (text: Shown) => void;
  readonly error: (text: Shown) => void;
  /** Puts a line in the place of the last one that was drawn; without one, takes that away. Only on a terminal. */
  readonly draw: (line?: Shown) => void;
  /** Whether lines may be redrawn and coloured. */
  readonly isTerminal: boolean;
  readonly columns: number;
}

/** Nobody reads any more, as after `graft runs | head -1`: what is left to say is not said, and the command ends as it would have. */
const closed = new Set<NodeJS.WriteStream>();
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    closed.add(stream);
  });
}
const write = (stream: NodeJS.WriteStream, text: string) => {
  if (!closed.has(stream)) stream.write(text);
};

export const processIo: Io = {
  out: ({ text }) => {
    write(process.stdout, text);
  },
  error: ({ text }) => {
    write(process.stderr, text);
  },
  draw: (line) => process.stdout.write(`\r\u001b[2K${line?.text ?? ''}`),
  isTerminal: process.stdout.isTTY && process.env['TERM'] !== 'dumb',
  columns: process.stdout.columns || 80,
};

/** Whether a person says yes. */
export async function saysYes({ text }: Shown): Promise<boolean> {
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return /^y(es)?$/i.test((await lines.question(`${text} (y/N) `)).trim());
  } finally {
    lines.close();
  }
}

const longestName = 400;
const longestMessage = 1_000;
const longestCell = 100;

/** The terminal's tag: a value is text on one line, whatever it holds. */
export const shown = surface<'terminal'>((value) => visible(shorten(value, longestName)));

/** A message that may quote names, or what a process printed: its lines stay. */
export function shownLines(text: string, most = longestMessage): Shown {
  return new Escaped(visibleLines(shorten(text, most)));
}

/** What went wrong and what to do, as errors and events say it. */
export function shownMessage({ message, action = '' }: { readonly message: string; readonly action?: string }): Shown {
  return shown`${shownLines(message)}${shownLines(action === '' ? '' : ` ${action}`)}`;
}

/** JSON for programs, on a terminal too. */
export function shownJson(value: unknown, indent?: number): Shown {
  return new Escaped(`${jsonText(JSON.stringify(value, undefined, indent))}\n`);
}

/** A title on a line of its own, underlined. */
export function heading(title: string): Shown {
  return shown`\n${title}\n${'─'.repeat(widthOf(title))}\n`;
}

/** A table in plain text: the first column left, the others right. A cell is on one line, and a long one is shortened. */
export function table(header: readonly string[], rows: readonly (readonly string[])[], longest = longestCell): Shown {
  const lines = [header, ...rows].map((row) => row.map((cell) => visible(shorten(cell, longest))));
  const widths = header.map((_, c) => Math.max(...lines.map((row) => widthOf(row[c] ?? ''))));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, c) => {
        const room = ' '.repeat(Math.max(0, (widths[c] ?? 0) - widthOf(cell)));
        return c === 0 ? `${cell}${room}` : `${room}${cell}`;
      })
      .join('  ')
      .trimEnd();
  return new Escaped(`${lines.map(line).join('\n')}\n`);
}

/** Columns on a terminal: two for what is wide in East Asia, none for marks that combine. */
export function widthOf(text: string): number {
  return Array.from(text).reduce(
    (sum, character) =>
      sum +
      (/[\p{M}\p{Default_Ignorable_Code_Point}]/u.test(character) ? 0 : eastAsianWidth(character.codePointAt(0) ?? 0)),
    0,
  );
}

export function percent(fraction: number): string {
  return `${(100 * fraction).toFixed(1)} %`;
}

/** `0.4 s`, `14 s`, `2 min 05 s`, `1 h 10 min`. */
export function duration(ms: number): string {
  return ms < 9_950 ? `${(ms / 1000).toFixed(1)} s` : remaining(ms);
}

/** As `duration`, in whole seconds: what counts down need not flicker. */
export function remaining(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
  return `${Math.floor(seconds / 3600)} h ${String(Math.floor((seconds % 3600) / 60)).padStart(2, '0')} min`;
}

/** Rows true, columns predicted. */
export function confusionTable(classes: readonly string[], confusion: readonly (readonly number[])[]): Shown {
  const short = classes.map((name) => shorten(name, 12));
  return table(
    ['true \\ predicted', ...short],
    confusion.map((row, i) => [classes[i] ?? '', ...row.map((count) => (count === 0 ? '·' : String(count)))]),
  );
}

/** The command line speaks English. */
export const english = { t: translator({}), numbers: numbersOf('en') };

/** Figures as the command line writes them. */
function figuresText(figures: Figures): ShownFigures {
  return figuresShown(english.t, english.numbers, figures);
}

/** `accuracy 83.3 % (76.8–88.3), macro F1 0.833 (0.768–0.883), loss 0.5432`. */
export function figuresLine(figures: Figures): string {
  return figuresText(figures)
    .list.map(({ name, text }) => `${inSentence(name)} ${text}`)
    .join(', ');
}

/** What the brackets of figures mean, and what one picture weighs where there are few: lines that may be none. */
export function figuresNotes(figures: Figures): Shown {
  return shown`${bracketsNote(figures)}${weightNote(figures)}`;
}

export function bracketsNote(figures: Figures): Shown {
  return lineOrNone(figuresText(figures).note);
}

export function weightNote(figures: Figures): Shown {
  return lineOrNone(figuresText(figures).weight);
}

const lineOrNone = (text: string | undefined): Shown => (text === undefined ? shown`` : shown`${text}\n`);

/** Where the errors are: the confusion matrix, of what has one; nothing of numbers. */
export function matrixTable(classes: readonly string[], figures: Figures): Shown {
  return isClassification(figures) ? confusionTable(classes, figures.confusion) : shown``;
}

/** The figures of each class, or of each number. */
export function partsTable(figures: Figures): Shown {
  const { head, rows } = figuresText(figures);
  return table(head.map(inSentence), rows);
}

/** What a model does on the test set, in a line of its own. */
export function testLine(test: TestReport): Shown {
  return shown`Test: ${figuresLine(test)} on ${counted(test.count, 'picture')} that nothing was chosen by.\n`;
}

/** For JSON: figures, and the 95 % intervals of those of fewer than a thousand examples. */
export function withIntervals<T extends Figures>(figures: T): T & { readonly intervals?: object } {
  const intervals = figureIntervals(figures);
  return intervals === undefined ? figures : { ...figures, intervals };
}
