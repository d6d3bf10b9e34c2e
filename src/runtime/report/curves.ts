import type { EpochRecord } from '../../protocol/index.js';
import { html, inSentence, metricWords, type Html } from '../../words/index.js';
import { lineChart } from './charts.js';
import { htmlTable, numbers, t } from './tables.js';

/** Loss and the task's first metric by epoch, and all of them as a table. */
export function curves(history: readonly EpochRecord[]): Html {
  const last = history.at(-1);
  if (last === undefined || history.length < 2) return html``;
  const tuned = history.findIndex(({ stage }) => stage === 'fine-tune');
  // At the last epoch before, as in the panel.
  const marks = tuned > 0 ? [{ index: tuned - 1, label: 'unfrozen' }] : [];
  const loss = lineChart(
    'Loss by epoch',
    [
      series(
        'training',
        'a',
        history.map(({ train }) => train.loss),
      ),
      series(
        'validation',
        'b',
        history.map(({ validation }) => validation.loss),
      ),
    ],
    marks,
  );
  const metrics = metricWords(t, numbers, last.validation);
  const [first] = metrics;
  const second = lineChart(
    `${first?.name ?? ''} by epoch`,
    [
      // Where numbers are learnt, nothing but the loss is known of the training examples.
      ...(last.train.accuracy === undefined
        ? []
        : [
            series(
              'training',
              'a',
              history.map(({ train }) => train.accuracy ?? NaN),
            ),
          ]),
      series(
        'validation',
        'b',
        history.map(({ validation }) => first?.of(validation) ?? NaN),
      ),
    ],
    marks,
    'accuracy' in last.validation ? (value) => `${Number((100 * value).toPrecision(6))} %` : undefined,
  );
  const hasAccuracy = last.train.accuracy !== undefined;
  const rows = history.map(({ stage, epoch, train, validation, learningRate }) => [
    stage,
    String(epoch),
    numbers.significant(train.loss),
    ...(hasAccuracy ? [percent(train.accuracy ?? NaN)] : []),
    numbers.significant(validation.loss),
    ...metrics.map(({ of, text }) => text(of(validation))),
    numbers.rate(learningRate),
  ]);
  const asTable = htmlTable(
    [
      ...['stage', 'epoch', 'loss', ...(hasAccuracy ? ['accuracy'] : []), 'validation loss'],
      ...metrics.map(({ name }, i) => (i === 0 ? `validation ${inSentence(name)}` : inSentence(name))),
      'learning rate',
    ],
    rows,
  );
  return html`<h2>Training</h2><div class="charts">${loss}${second}</div><details><summary>The same as a table</summary>${asTable}</details>`;
}

function series(name: string, color: 'a' | 'b', values: readonly number[]) {
  return { name, style: color, values };
}

function percent(fraction: number): string {
  return `${(100 * fraction).toFixed(1)} %`;
}
