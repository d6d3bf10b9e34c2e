import path from 'node:path';

import * as vscode from 'vscode';

import type { ServiceMethods } from '../protocol/index.js';
import { markdown, type Markdown } from '../words/index.js';
import { markdownTable, t } from './documents.js';
import { numbers } from './language.js';

/** How well a model did on labelled pictures. */
export function evaluationText(
  name: string,
  data: string,
  { metrics, classes, confusion, perClass, images, skipped }: ServiceMethods['evaluate']['reply'],
): Markdown {
  const { count, fixed, percent, significant } = numbers();
  const figures = perClass.map(({ name, precision, recall, f1, support }) => [
    name,
    percent(precision),
    percent(recall),
    fixed(f1, 3),
    count(support),
  ]);
  const matrix = confusion.map((row, i) => [markdown`**${classes[i] ?? ''}**`, ...row.map(count)]);
  const text: Markdown[] = [
    markdown`# ${vscode.l10n.t('{0} on {1}', name, path.basename(data))}`,
    t(
      'Accuracy **{0}**, macro F1 {1}, loss {2} on {3} pictures.',
      percent(metrics.accuracy),
      fixed(metrics.macroF1, 3),
      significant(metrics.loss),
      count(images),
    ),
    markdownTable([vscode.l10n.t('true \\ predicted'), ...classes], matrix),
    markdownTable(
      [
        vscode.l10n.t('Class'),
        vscode.l10n.t('Precision'),
        vscode.l10n.t('Recall'),
        vscode.l10n.t('F1'),
        vscode.l10n.t('Pictures'),
      ],
      figures,
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
