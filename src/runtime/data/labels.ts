import { GraftError } from '../../common/errors.js';

/** A label and where it stands. */
export interface PlacedLabel {
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
        'Leave the one that matters in each line; if it is the name of one class, write it without the separator.',
    });
  const isNumber = (label: string) => /^[-+]?(\d+([.,]\d*)?|[.,]\d+)(e[-+]?\d+)?$/i.test(label);
  if (![...distinct].every(isNumber)) return;
  const fraction = labels.find(({ label }) => /[.,e]/i.test(label) && Number(label.replace(',', '.')) % 1 !== 0);
  const measured = fraction ?? (distinct.size > 20 && distinct.size * 2 > labels.length ? labels[0] : undefined);
  if (measured !== undefined)
    throw new GraftError(
      `${at(measured)} is a measurement: the ${labels.length} pictures have ${distinct.size} different numbers, and classes are learnt here, not numbers.`,
      { action: 'Write the name of a class in the place of each number, for instance "small", "medium" and "large".' },
    );
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
