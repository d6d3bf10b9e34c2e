import path from 'node:path';

import * as vscode from 'vscode';

import { isClassification, isMultiLabel, type Figures, type ModelEvaluation } from '../protocol/index.js';
import { figuresShown, markdown, measureName, seenText, type Markdown } from '../words/index.js';
import { markdownTable, t } from './documents.js';
import { numbers } from './language.js';

/** How well a model did on labelled pictures: first on those that say how it does on others. */
export function evaluationText(name: string, data: string, result: ModelEvaluation): Markdown {
  const { classes, skipped, measure } = result;
  const first = measure ?? result;
  const seen = seenText(vscode.l10n.t, numbers(), result);
  const { head, rows, note } = figuresShown(vscode.l10n.t, numbers(), first);
  const weight = (figures: Figures) => {
    const { weight: text } = figuresShown(vscode.l10n.t, numbers(), figures);
    return text === undefined ? [] : [markdown`${text}`];
  };
  const { count } = numbers();
  const text: Markdown[] = [
    markdown`# ${vscode.l10n.t('{0} on {1}', name, path.basename(data))}`,
    ...(seen === undefined ? [] : [markdown`${seen}`]),
    ...(measure === undefined
      ? []
      : [markdown`## ${measureName(vscode.l10n.t, numbers(), measure)}`, figuresText(measure), ...weight(measure)]),
    ...(measure?.images === result.images ? [] : [figuresText(result), ...weight(result)]),
    ...(note === undefined ? [] : [markdown`${note}`]),
    ...(isClassification(first)
      ? [
          markdownTable(
            [vscode.l10n.t('true \\ predicted'), ...classes],
            first.confusion.map((row, i) => [markdown`**${classes[i] ?? ''}**`, ...row.map(count)]),
          ),
        ]
      : []),
    markdownTable(head, rows),
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
  const { count, significant } = numbers();
  if (isClassification(figures)) {
    const [accuracy, macroF1] = figuresShown(vscode.l10n.t, numbers(), figures).list;
    return t(
      'Accuracy **{0}**, macro F1 {1}, loss {2} on {3} pictures.',
      accuracy?.text ?? '',
      macroF1?.text ?? '',
      significant(figures.metrics.loss),
      count(figures.images),
    );
  }
  if (isMultiLabel(figures)) {
    const [precision, macroF1, microF1, exact] = figuresShown(vscode.l10n.t, numbers(), figures).list;
    return t(
      'mAP **{0}**, macro F1 {1}, micro F1 {2}, exact match {3} on {4} pictures.',
      precision?.text ?? '',
      macroF1?.text ?? '',
      microF1?.text ?? '',
      exact?.text ?? '',
      count(figures.images),
    );
  }
  const [mae, rmse, r2] = figuresShown(vscode.l10n.t, numbers(), figures).list;
  return t(
    'MAE **{0}**, RMSE {1}, R² {2} on {3} pictures.',
    mae?.text ?? '',
    rmse?.text ?? '',
    r2?.text ?? '',
    count(figures.images),
  );
}
