import { numberIn } from '../number-cells.js';
import { columnNames, wordOf, type Row } from '../table.js';

/** What columns of texts and of their labels are called: the likeliest name first. */
export const textNames = words(
  'text texts sentence message content body review comment tweet post question query utterance document article description abstract title headline subject email mail sms letter prompt input sentence1 v2 transcript note',
);
export const labelNames = [
  ...columnNames.label,
  ...words(
    'intent intents sentiment emotion topic topics polarity stars rating score labels genre subject v1 language toxic answer is_spam',
  ),
];
const known: ReadonlySet<string> = new Set([...textNames, ...labelNames, ...columnNames.group, ...columnNames.split]);
const longestName = 40;

/** Whether a first line names columns: it is no text, and nothing of it is said again below it, as a label is. */
export function isHeader({ cells }: Row, rest: readonly Row[]): boolean {
  if (cells.some((cell) => cell.trim().length > longestName || numberIn(cell.trim()) !== undefined)) return false;
  const isSaidAgain = (cell: string, i: number) => cell !== '' && rest.some((row) => row.cells[i] === cell);
  if (cells.some(isSaidAgain)) return false;
  if (cells.some((cell) => known.has(wordOf(cell)))) return true;
  return rest.length === 0 || cells.every((cell) => cell.trim().split(/\s+/).length <= 3);
}

function words(text: string): readonly string[] {
  return [...new Set(text.split(' ').map(wordOf))];
}
