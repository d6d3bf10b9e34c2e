import path from 'node:path';

import { GraftError } from '../../common/errors.js';
import { labelKey } from './labels.js';
import type { Side } from './split-words.js';
import { partsOf, textOf } from './targets/label-sets.js';

/** What a line of a table says. */
export interface CsvLine {
  readonly line: number;
  readonly path: string;
  readonly label: string;
  readonly group: string | undefined;
  readonly split: Side | undefined;
}

/** The lines of each picture, by the path as it is written. */
function byPicture<T extends Pick<CsvLine, 'path'>>(lines: readonly T[]): readonly (readonly [T, ...T[]])[] {
  const pictures = new Map<string, [T, ...T[]]>();
  for (const line of lines) {
    const key = path.posix.normalize(line.path.replaceAll('\\', '/'));
    const before = pictures.get(key);
    if (before === undefined) pictures.set(key, [line]);
    else before.push(line);
  }
  return [...pictures.values()];
}

/** Pictures that are listed more than once, with different labels: the first line of each. */
export function listedAgain<T extends Pick<CsvLine, 'path' | 'label'>>(lines: readonly T[]): readonly T[] {
  return byPicture(lines).flatMap((all) => (new Set(all.map(({ label }) => labelKey(label))).size > 1 ? [all[0]] : []));
}

/** Says which pictures have several labels where they can have one class. */
export function saySeveral(lines: readonly CsvLine[], notes: string[]): void {
  const several = listedAgain(lines);
  const [first] = several;
  if (first === undefined) return;
  const are = several.length === 1 ? '1 picture is' : `${several.length} pictures are`;
  notes.push(
    `${are} listed with several labels, and left out: ${first.path}, for instance. If a picture may have several, say task: 'multi-label'.`,
  );
}

/**
 * One line for each picture, with the labels of all of its lines.
 *
 * @throws GraftError where they put it on different sides of the split.
 */
export function joined(file: string, lines: readonly CsvLine[], notes: string[]): readonly CsvLine[] {
  let count = 0;
  const pictures = byPicture(lines).map((all): CsvLine => {
    const [first] = all;
    if (all.length === 1) return first;
    count++;
    const other = all.find(({ split }) => split !== first.split);
    if (other !== undefined)
      throw new GraftError(
        `${file}, line ${other.line}: ${first.path} is for ${other.split ?? ''}, and in line ${first.line} for ${first.split ?? ''}.`,
        { action: 'Put all lines of a picture on the same side.' },
      );
    return { ...first, label: textOf(all.flatMap(({ label }) => partsOf(label))) };
  });
  if (count > 0)
    notes.push(
      `${count === 1 ? '1 picture has several lines: its labels are' : `${count} pictures have several lines: their labels are`} put together.`,
    );
  return pictures;
}
