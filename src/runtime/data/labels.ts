import { GraftError } from '../../common/errors.js';
import { numberBeforeUnit, numberIn } from './number-cells.js';

/** A label and where it stands. */
interface PlacedLabel {
  readonly label: string;
  readonly line: number;
}

/**
 * A table's labels must be classes, one for each picture.
 *
 * @param column its name, for the error.
 * @throws GraftError for several classes in one cell, and for measurements.
 */
export function checkLabels(file: string, column: string, labels: readonly PlacedLabel[]): void {
  const at = ({ line, label }: PlacedLabel) => `${file}, line ${line}, column ${column}: "${label}"`;
  const distinct = new Set(labels.map(({ label }) => label));
  const several = labels.find(({ label }) => namesSeveral(label, distinct));
  if (several !== undefined)
    throw new GraftError(`${at(several)} names several classes, and a picture can have one here.`, {
      action:
        "If a picture may have several, say task: 'multi-label'. Leave the one that matters in each line otherwise; if it is the name of one class, write it without the separator.",
    });
  const spoiled = spoiledAmounts(labels);
  if (spoiled !== undefined)
    throw new GraftError(`${at(spoiled)} is no plain number, and the labels look like measurements.`, {
      action:
        "To learn numbers, write each as one (1.5) or take its line out, then say task: 'regression' (graft new --task regression). For classes, write the name of a class in the place of each number.",
    });
  if (!isMeasured(labels.map(({ label }) => label))) return;
  const measured = labels.find(({ label }) => isFraction(label)) ?? labels[0];
  if (measured !== undefined)
    throw new GraftError(
      `${at(measured)} is a measurement: the ${labels.length} pictures have ${distinct.size} different numbers, and classes are learnt here.`,
      {
        action:
          'To learn the number, say task: \'regression\'. For classes, write the name of a class in the place of each number, for instance "small", "medium" and "large".',
      },
    );
}

const isFraction = (label: string) => /[.,e]/i.test(label) && (numberIn(label) ?? 0) % 1 !== 0;

/** From so many labels on, nearly all have to be numbers. */
const nearlyAll = 0.9;

/** The first label that is no number among amounts, "NA" for instance; of amounts that all have a unit, the first. */
function spoiledAmounts(labels: readonly PlacedLabel[]): PlacedLabel | undefined {
  const [odd] = labels.filter(({ label }) => numberIn(label) === undefined);
  const areNearlyAll = (amounts: readonly string[]) => amounts.length >= nearlyAll * labels.length;
  const numbers = labels.flatMap(({ label }) => (numberIn(label) === undefined ? [] : [label]));
  if (odd === undefined || (areNearlyAll(numbers) && isMeasured(numbers))) return odd;
  const amounts = labels.flatMap(({ label }) => numberBeforeUnit(label)?.toString() ?? []);
  // A class may be called 1.6i; but nearly each picture has another amount.
  return areNearlyAll(amounts) && hardlyRepeat(new Set(amounts), amounts) ? odd : undefined;
}

const hardlyRepeat = (distinct: ReadonlySet<string>, labels: readonly string[]) =>
  distinct.size > 20 && distinct.size * 2 > labels.length;

/** Whether labels are amounts rather than names: there are fractions among them, or nearly each picture has another number. */
export function isMeasured(labels: readonly string[]): boolean {
  const distinct = new Set(labels);
  if (![...distinct].every((label) => numberIn(label) !== undefined)) return false;
  return labels.some(isFraction) || hardlyRepeat(distinct, labels);
}

/** Whether a cell of these names several of them. */
export function nameSeveral(labels: readonly string[]): boolean {
  const distinct = new Set(labels);
  return labels.some((label) => namesSeveral(label, distinct));
}

/** `cats|pet`; `cats, pet` too, where each part is a label of its own elsewhere. */
function namesSeveral(label: string, all: ReadonlySet<string>): boolean {
  if (/[^|]\|[^|]/.test(label)) return true;
  const parts = label.split(/\s*[,;]\s*/);
  return parts.length > 1 && parts.every((part) => all.has(part));
}

/** Labels that differ by case, spaces or how an accent is written are one class. Single letters are what they are: A is not a. */
export function labelKey(label: string): string {
  const plain = label.normalize('NFC').trim().replace(/\s+/g, ' ');
  return Array.from(plain).length === 1 ? plain : plain.toLowerCase();
}

/**
 * One spelling for each class: the most frequent, of equals the first by code point. What differed is said in `notes`.
 *
 * @param counts pictures of each label.
 * @returns the spelling to use for each label.
 */
export function oneSpelling(counts: ReadonlyMap<string, number>, notes: string[]): ReadonlyMap<string, string> {
  const byKey = new Map<string, string[]>();
  for (const label of counts.keys()) byKey.set(labelKey(label), [...(byKey.get(labelKey(label)) ?? []), label]);
  const result = new Map<string, string>();
  for (const spellings of byKey.values()) {
    const [best = ''] = spellings.sort((a, b) => (counts.get(b) ?? 0) - (counts.get(a) ?? 0) || (a < b ? -1 : 1));
    for (const spelling of spellings) result.set(spelling, best);
    if (spellings.length > 1) {
      const found = spellings.map((spelling) => `"${spelling}" (${counts.get(spelling) ?? 0})`).join(' and ');
      notes.push(`${found} are taken as one class, ${best}.`);
    }
  }
  return result;
}

/** The class that a label means, whatever its case. */
export function classOf(label: string, classes: readonly string[]): string | undefined {
  return classes.includes(label) ? label : classes.find((name) => labelKey(name) === labelKey(label));
}

/** How often each label occurs. */
export function countsOf(labels: Iterable<string>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  return counts;
}
