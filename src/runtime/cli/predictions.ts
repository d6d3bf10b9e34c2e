import type { Prediction } from '../../protocol/index.js';
import { csv, visible } from '../../words/index.js';
import { english, percent, shown, table, type Io, type Shown, widthOf } from './io.js';

const columns = ['picture', 'best', 'second', 'third'];
const gap = 2;
const leastName = 12;
const longestClass = 60;
const shortestClass = 6;

/**
 * The three best classes of each picture. On a terminal a line fits: of the paths only the ends stay, then less of the names, then fewer
 * classes.
 */
export function predictionsTable(
  predictions: readonly Prediction[],
  { isTerminal, columns: width }: Pick<Io, 'isTerminal' | 'columns'>,
): Shown {
  if (predictions.some(({ numbers }) => numbers !== undefined)) return numbersTable(predictions);
  if (predictions.some(({ labels }) => labels !== undefined)) return labelsTable(predictions);
  const found = predictions.flatMap(({ file, classes }) =>
    classes === undefined ? [] : [{ file: visible(file), classes }],
  );
  if (found.length === 0) return shown``;
  const cells = (count: number, longest: number) =>
    found.map(({ classes }) =>
      classes
        .slice(0, count)
        .map(({ name, probability }) => `${beginning(visible(name), longest)} ${percent(probability)}`),
    );
  const roomBeside = (rows: readonly (readonly string[])[]) =>
    (rows[0] ?? []).reduce(
      (room, _, c) => room - gap - Math.max(...[columns[c + 1] ?? '', ...rows.map((row) => row[c] ?? '')].map(widthOf)),
      width,
    );
  let [count, longest] = [Math.min(3, found[0]?.classes.length ?? 0), longestClass];
  const canShrink = () => count > 1 || longest > shortestClass;
  while (isTerminal && canShrink() && roomBeside(cells(count, longest)) < leastName) {
    if (longest > shortestClass) longest--;
    else [count, longest] = [count - 1, longestClass];
  }
  const rest = cells(count, longest);
  const room = isTerminal ? Math.max(leastName, roomBeside(rest)) : Infinity;
  return table(
    columns.slice(0, 1 + count),
    found.map(({ file }, i) => [ending(file, room), ...(rest[i] ?? [])]),
    Infinity,
  );
}

function beginning(text: string, longest: number): string {
  return shortened(
    text,
    longest,
    (characters) => [...characters.slice(0, -1)],
    (rest) => `${rest}…`,
  );
}

function ending(text: string, longest: number): string {
  return shortened(
    text,
    longest,
    (characters) => characters.slice(1),
    (rest) => `…${rest}`,
  );
}

function shortened(
  text: string,
  longest: number,
  less: (characters: readonly string[]) => readonly string[],
  mark: (rest: string) => string,
): string {
  if (widthOf(text) <= longest) return text;
  let characters: readonly string[] = Array.from(text);
  while (characters.length > 1 && widthOf(mark(characters.join(''))) > longest) characters = less(characters);
  return mark(characters.join(''));
}

/** The numbers that each picture is said to have. */
function numbersTable(predictions: readonly Prediction[]): Shown {
  const found = predictions.filter(({ numbers }) => numbers !== undefined);
  const { quantity } = english.numbers;
  return table(
    ['picture', ...numberNames(predictions)],
    found.map(({ file, numbers = [] }) => [file, ...numbers.map(({ value }) => quantity(value))]),
    Infinity,
  );
}

/** The labels that each picture is said to have, and the likeliest of the others. */
function labelsTable(predictions: readonly Prediction[]): Shown {
  const rows = predictions.flatMap(({ file, labels }) => {
    if (labels === undefined) return [];
    const text = (one: (typeof labels)[number]) => `${one.name} ${percent(one.probability)}`;
    const said = labels.filter((one) => one.said).map(text);
    const next = labels.find((one) => !one.said);
    return [[file, said.length === 0 ? '–' : said.join(', '), next === undefined ? '–' : text(next)]];
  });
  return table(['picture', 'labels', 'likeliest of the others'], rows, Infinity);
}

/** In alphabetical order: the same columns for every table of a model. */
function labelNames(predictions: readonly Prediction[]): string[] {
  return (predictions.find(({ labels }) => labels !== undefined)?.labels ?? []).map(({ name }) => name).sort();
}

function numberNames(predictions: readonly Prediction[]): string[] {
  return (predictions.find(({ numbers }) => numbers !== undefined)?.numbers ?? []).map(({ name }) => name);
}

/** A line for each picture (RFC 4180): its class, and the probability of every class; its labels and the probability of each; or its numbers. */
export function predictionsCsv(predictions: readonly Prediction[]): string {
  const labels = labelNames(predictions);
  if (labels.length > 0)
    return csv(
      ['file', 'labels', ...labels, 'error'],
      predictions.map(({ file, labels: found = [], error = '' }) => [
        file,
        found
          .filter(({ said }) => said)
          .map(({ name }) => name)
          .sort()
          .join('|'),
        ...labels.map((name) => String(found.find((one) => one.name === name)?.probability ?? '')),
        error,
      ]),
    );
  const numbers = numberNames(predictions);
  if (numbers.length > 0)
    return csv(
      ['file', ...numbers, 'error'],
      predictions.map(({ file, numbers: said = [], error = '' }) => [
        file,
        ...numbers.map((_, i) => String(said[i]?.value ?? '')),
        error,
      ]),
    );
  const names = (predictions.find(({ classes }) => classes !== undefined)?.classes ?? [])
    .map(({ name }) => name)
    .sort();
  const rows = predictions.map(({ file, classes = [], error = '' }) => [
    file,
    classes[0]?.name ?? '',
    ...names.map((name) => String(classes.find((one) => one.name === name)?.probability ?? '')),
    error,
  ]);
  return csv(['file', 'class', ...names, 'error'], rows);
}
