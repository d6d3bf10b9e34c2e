import type { Kind } from '../../src/protocol/index.js';
import { about } from '../../src/words/index.js';
import { t as translate } from '../l10n.js';

/** What stands around the results of a run, in words for what it learnt from. */
export function resultTexts(kind: Kind = 'image') {
  const t = about(translate, kind);
  return {
    confusionHelp: t('Rows are the true classes, columns the predicted ones. Choose a cell to see its pictures.'),
    allMistakes: t('The surest first. Choose a picture to open its file.'),
    allErrors: t('Farthest off first. Choose a picture to open its file.'),
    wrongLabels: t('The most wrong labels first. Choose a picture to open its file.'),
    noMistakes: t('No mistakes on the validation pictures.'),
    emptyCell: t('No picture fell into this cell.'),
    thresholds: t(
      'Each threshold is the one with the largest F1 on the validation pictures: on others, precision, recall and F1 may be lower. mAP does not depend on them.',
    ),
    tested: (n: string) => t('On {0} pictures that nothing was chosen by, looked at once at the end.', n),
  };
}
