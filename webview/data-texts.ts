import type { Kind, Phase, RunPurpose, Task } from '../src/protocol/index.js';
import * as words from '../src/words/index.js';
import { count } from './format.js';
import { t as translate } from './l10n.js';

/** What is said of examples, in words for their kind. */
export function dataTexts(kind: Kind = 'image') {
  const t = words.about(translate, kind);
  return {
    examples: t('Pictures'),
    all: t('All pictures'),
    classesOf: (classes: number, examples: number) => words.classesAndPictures(t, { count }, classes, examples),
    labelsOf: (labels: number, examples: number) => words.labelsAndPictures(t, { count }, labels, examples),
    numbersOf: (numbers: number, examples: number) => words.numbersAndPictures(t, { count }, numbers, examples),
    duplicates: (n: number) => t('{0} identical pictures, counted once', count(n)),
    perSecond: (examples: number) => t('{0} pictures/s', count(Math.round(examples))),
    looking: kind === 'image' ? t('Looking…') : t('Reading…'),
    scatterHelp: t('A point for each validation picture: on the line, the model was right.'),
    scatterOf: (name: string, n: number) =>
      t('{0}: {1} pictures, true to the right, predicted upwards', name, count(n)),
    proveHelp: t('The same training with random weights in their place shows it, on the same validation pictures.'),
    taskHelp: {
      'multi-label': t('Each picture has one 1: either it can have no more, or more by chance only.'),
      regression: t('The labels are whole numbers: names of classes, or amounts that are near to each other and far.'),
    } as Readonly<Record<Exclude<Task, 'classification'>, string>>,
    counted: (phase: Phase, done: number, total: number, purpose: RunPurpose): string => {
      switch (phase) {
        case 'read':
        case 'prefix':
          return t('{0} of {1} pictures', count(done), count(total));
        case 'train':
          if (purpose === 'learning-rate') return t('{0} of {1} steps', count(done), count(total));
          return t('{0} of {1} epochs', count(Math.floor(done)), count(total));
        case 'evaluate':
        case 'save':
          return t('{0} of {1}', count(done), count(total));
      }
    },
  };
}
