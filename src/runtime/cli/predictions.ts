import type { Prediction } from '../../protocol/index.js';
import { percent, table, type Io, type Shown } from './io.js';

const columns = ['picture', 'best', 'second', 'third'];
const gap = 2;
const leastName = 12;

/** The three best classes of each picture. On a terminal a line fits: first of the paths only the ends stay, then of the names less. */
export function predictionsTable(
  predictions: readonly Prediction[],
  { isTerminal, columns: width }: Pick<Io, 'isTerminal' | 'columns'>,
): Shown {
  const found = predictions.flatMap(({ file, classes }) => (classes === undefined ? [] : [{ file, classes }]));
  const cells = (longest: number) =>
    found.map(({ classes }) =>
      classes.slice(0, 3).map(({ name, probability }) => `${beginning(name, longest)} ${percent(probability)}`),
    );
  const shownColumns = Math.min(3, Math.max(0, ...found.map(({ classes }) => classes.length)));
  const header = columns.slice(0, 1 + shownColumns);
  const widthOf = (rows: readonly (readonly string[])[]) =>
    header
      .slice(1)
      .reduce((sum, title, c) => sum + gap + Math.max(title.length, ...rows.map((row) => row[c]?.length ?? 0)), 0);
  let longest = 60;
  while (isTerminal && longest > 4 && width - widthOf(cells(longest)) < leastName) longest--;
  const rest = cells(longest);
  const room = isTerminal ? Math.max(leastName, width - widthOf(rest)) : Infinity;
  if (found.length === 0) return table([], []);
  return table(
    header,
    found.map(({ file }, i) => [ending(file, room), ...(rest[i] ?? [])]),
    Infinity,
  );
}

const beginning = (text: string, longest: number) => (text.length > longest ? `${text.slice(0, longest - 1)}…` : text);
const ending = (text: string, longest: number) =>
  text.length > longest ? `…${text.slice(text.length - longest + 1)}` : text;

/** A line for each picture (RFC 4180): its class, and the probability of every class. */
export function predictionsCsv(predictions: readonly Prediction[]): string {
  const names = (predictions.find(({ classes }) => classes !== undefined)?.classes ?? [])
    .map(({ name }) => name)
    .sort();
  const rows = predictions.map(({ file, classes = [], error = '' }) => [
    file,
    classes[0]?.name ?? '',
    ...names.map((name) => String(classes.find((one) => one.name === name)?.probability ?? '')),
    error,
  ]);
  return [['file', 'class', ...names, 'error'], ...rows].map((row) => `${row.map(quoted).join(',')}\r\n`).join('');
}

const quoted = (cell: string) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
