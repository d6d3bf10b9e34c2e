import type { TestReport } from '../../protocol/index.js';

/** Where a command writes: replaced in tests. */
export interface Io {
  readonly out: (text: string) => void;
  readonly error: (text: string) => void;
  /** Whether lines may be redrawn and coloured. */
  readonly isTerminal: boolean;
  readonly columns: number;
}

export const processIo: Io = {
  out: (text) => process.stdout.write(text),
  error: (text) => process.stderr.write(text),
  isTerminal: process.stdout.isTTY && process.env['TERM'] !== 'dumb',
  columns: process.stdout.columns || 80,
};

/** A title on a line of its own, underlined. */
export function heading(title: string): string {
  return `\n${title}\n${'─'.repeat(title.length)}\n`;
}

/** A table in plain text: the first column left, the others right. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((title, c) => Math.max(title.length, ...rows.map((row) => (row[c] ?? '').length)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, c) => (c === 0 ? cell.padEnd(widths[c] ?? 0) : cell.padStart(widths[c] ?? 0)))
      .join('  ')
      .trimEnd();
  return [line(header), ...rows.map(line)].join('\n') + '\n';
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
export function confusionTable(classes: readonly string[], confusion: readonly (readonly number[])[]): string {
  const short = classes.map((name) => (name.length > 12 ? `${name.slice(0, 11)}…` : name));
  return table(
    ['true \\ predicted', ...short],
    confusion.map((row, i) => [classes[i] ?? '', ...row.map((count) => (count === 0 ? '·' : String(count)))]),
  );
}

/** What a model does on the test set, in a line of its own. */
export function testLine({ metrics, count }: Pick<TestReport, 'metrics' | 'count'>): string {
  return `Test: accuracy ${percent(metrics.accuracy)}, macro F1 ${metrics.macroF1.toFixed(3)}, loss ${metrics.loss.toFixed(4)} on ${count} pictures that nothing was chosen by.\n`;
}
