import { counted } from '../../common/counted.js';
import { GraftError } from '../../common/errors.js';
import { inSeveralClasses } from './duplicates.js';
import type { FoundData, Skipped } from './found-data.js';
import type { Side } from './split-words.js';
import type { Words } from './words.js';

/** How examples are given labels. */
export function toLabel(layout: FoundData['layout'], { one, many }: Words): string {
  switch (layout) {
    case 'folder':
      return `Put the ${many} into one folder per class, at least two classes: data/cats/1.jpg, data/dogs/1.jpg. A .csv file with the columns path and label will do too.`;
    case 'csv':
      return `Label the ${many} with at least two classes: a line "path,label" for each ${one}.`;
    case 'idx':
      return `Give the label file that belongs to the ${many}.`;
  }
}

/** @param notes what was taken for what while reading: two classes may have become one. */
export function oneClass(
  location: string,
  name: string,
  {
    words,
    layout,
    notes,
    instead,
  }: Pick<FoundData, 'words' | 'layout' | 'notes'> & { readonly instead?: string | undefined },
): GraftError {
  // What was guessed of a table, or that two classes have become one, may be why.
  const why = layout === 'csv' ? notes : notes.filter((note) => note.includes(' as one class'));
  return new GraftError(
    [`${location} has only one class: ${name}. There is nothing to tell apart.`, ...why].join(' '),
    { action: instead ?? toLabel(layout, words) },
  );
}

export function nothingFound({
  words,
  layout,
  directory,
  skipped,
}: Pick<FoundData, 'words' | 'layout' | 'directory' | 'skipped'>): GraftError {
  const [first] = skipped;
  const reasons =
    first === undefined
      ? ''
      : ` ${counted(skipped.length, 'file was', 'files were')} skipped. The first, ${first.file}: ${first.reason}.`;
  return new GraftError(`There are no ${words.many} in ${directory} that can be used.${reasons}`, {
    action: first?.reason.includes(inSeveralClasses) === true ? oneLabel(layout, words) : toLabel(layout, words),
  });
}

function oneLabel(layout: FoundData['layout'], { one }: Words): string {
  const several = layout === 'csv' ? `; if a ${one} may have several, say task: 'multi-label'` : '';
  return `Give each ${one} one label${several}.`;
}

/** Where there are no classes: all examples are one. @param least how many are needed, one for each side of the split. */
export function tooFewExamples(count: number, least: number, { words, directory }: FoundData): GraftError {
  return new GraftError(
    `${directory} has ${usable(count, words)}; at least ${least} are needed, one for each side of the split.`,
    { action: `Add lines with ${words.many}.` },
  );
}

/**
 * @param least how many it needs, one for each side of the split.
 * @param skipped what was left out, and why.
 */
export function tooFew(
  name: string,
  count: number,
  least: number,
  { words, layout, directory, found }: FoundData,
  skipped: readonly Skipped[],
): GraftError {
  const own = new Set(found.filter(({ label }) => label === name).map(({ id }) => id));
  const shared = skipped.filter(({ file, reason }) => own.has(file) && reason.includes(inSeveralClasses));
  if (shared.length > 0) {
    return new GraftError(
      `${shared.length} of the ${own.size} ${words.many} of the class "${name}" of ${directory} are in other classes too, so which is right is not known: they are left out, and ${count === 0 ? 'none is' : count === 1 ? 'one is' : `${count} are`} left.`,
      {
        action:
          layout === 'folder'
            ? `Leave each ${words.one} in one class; if ${name} is a copy, move its folder away.`
            : oneLabel(layout, words),
      },
    );
  }
  const needed =
    least === 2
      ? 'at least two are needed, one to learn from and one to check'
      : 'at least three are needed: one to learn from, one to check and one for the test';
  return new GraftError(`The class "${name}" of ${directory} has ${usable(count, words)}; ${needed}.`, {
    action:
      layout === 'folder'
        ? `Add ${words.many} to ${name}, or move its folder away.`
        : `Add ${words.many} of ${name}, or take its lines out.`,
  });
}

export function missingOnSide(name: string, side: Side, { words, layout, directory }: FoundData): GraftError {
  return new GraftError(
    `The class "${name}" of ${directory} is missing on one side of the split: there is none of it for ${side === 'train' ? 'training' : side}.`,
    {
      action:
        layout === 'folder'
          ? `Each class needs ${words.many} in both folders.`
          : `Each class needs ${words.many} for training and for validation.`,
    },
  );
}

export function emptySide(side: Side, { words, directory }: FoundData): GraftError {
  return new GraftError(`${directory}: there are no ${words.many} for ${side === 'train' ? 'training' : side}.`, {
    action: `Give ${words.many} for training and for validation, or leave the split out.`,
  });
}

export function unsplittable(name: string, { words, directory }: FoundData): GraftError {
  return new GraftError(
    `The ${words.many}${name === '' ? '' : ` of "${name}"`} in ${directory} are in too few groups: a group stays on one side of the split, and there is none left for another.`,
    {
      action: `Each class needs ${words.many} in as many groups as there are sides: add some${name === '' ? '' : ` of ${name}`}, or leave the groups out.`,
    },
  );
}

function usable(count: number, { one, many }: Words): string {
  return count === 0 ? `no usable ${many}` : count === 1 ? `one usable ${one}` : `${count} usable ${many}`;
}
