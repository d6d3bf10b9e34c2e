import path from 'node:path';

import * as vscode from 'vscode';

import type { Figures, ModelEvaluation } from '../protocol/index.js';
import { figureTexts, markdown, measureName, seenText, weightOfOne, type Markdown } from '../words/index.js';
import { markdownTable, t } from './documents.js';
import { numbers } from './language.js';

/** How well a model did on labelled pictures: first on those that say how it does on others. */
export function evaluationText(name: string, data: string, result: ModelEvaluation): Markdown {
  const { classes, skipped, measure } = result;
  const first = measure ?? result;
  const seen = seenText(vscode.l10n.t, numbers(), result);
  const { rows, note } = figureTexts(vscode.l10n.t, numbers(), first);
  const weight = ({ images }: { readonly images: number }) => {
    const text = weightOfOne(vscode.l10n.t, numbers(), images);
    return text === undefined ? [] : [markdown`${text}`];
  };
  const { count } = numbers();
  const matrix = first.confusion.map((row, i) => [markdown`**${classes[i] ?? ''}**`, ...row.map(count)]);
  const text: Markdown[] = [
    markdown`# ${vscode.l10n.t('{0} on {1}', name, path.basename(data))}`,
    ...(seen === undefined ? [] : [markdown`${seen}`]),
    ...(measure === undefined
      ? []
      : [markdown`## ${measureName(vscode.l10n.t, numbers(), measure)}`, figuresText(measure), ...weight(measure)]),
    ...(measure?.images === result.images ? [] : [figuresText(result), ...weight(result)]),
    ...(note === undefined ? [] : [markdown`${note}`]),
    markdownTable([vscode.l10n.t('true \\ predicted'), ...classes], matrix),
    markdownTable(
      [
        vscode.l10n.t('Class'),
        vscode.l10n.t('Precision'),
        vscode.l10n.t('Recall'),
        vscode.l10n.t('F1'),
        vscode.l10n.t('Pictures'),
      ],
      rows,
    ),
    ...(skipped.length === 0
      ? []
      : [
          t('{0} files were skipped:', count(skipped.length)),
          ...skipped.slice(0, 20).map(({ file, reason }) => markdown`- ${file}: ${reason}`),
        ]),
  ];
  return markdown`${text.map((part) => markdown`${part}\n\n`)}`;
}

function figuresText(figures: Figures & { readonly images: number }): Markdown {
  const { accuracy, macroF1 } = figureTexts(vscode.l10n.t, numbers(), figures);
  return t(
    'Accuracy **{0}**, macro F1 {1}, loss {2} on {3} pictures.',
    accuracy,
    macroF1,
    numbers().significant(figures.metrics.loss),
    numbers().count(figures.images),
  );
}
