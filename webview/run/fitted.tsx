import { isRegression, type EpochPoint } from '../../src/protocol/index.js';
import { percent, significant } from '../format.js';
import type { bestTexts, RunData } from '../store.js';
import { metricsShown, text } from '../strings.js';
import { Table } from '../ui/index.js';

type Texts = NonNullable<ReturnType<typeof bestTexts>>;

/** The figures of what is fitted in one step; undefined of a training in epochs. */
export function fittedOf({ facts, epochs, batches }: RunData): EpochPoint | undefined {
  const solved = facts?.model?.technique === 'feature-extraction' && epochs.length === 1 && batches.x.length === 0;
  return solved ? epochs[0] : undefined;
}

/** What came of a classifier or a regression that is fitted in one step: there is no curve, so its figures stand in the curves' place. */
export function Fitted({ point, texts }: { readonly point: EpochPoint; readonly texts: Texts | undefined }) {
  const { train, validation } = point;
  const names = texts ?? metricsShown(validation);
  const title = text.fitted(isRegression(validation));
  return (
    <section class="narrow" aria-labelledby="fitted">
      <h2 id="fitted">{title}</h2>
      <p class="dim">{text.fittedHelp}</p>
      <Table
        label={title}
        head={[text.pictures, ...names.map(({ name }) => name), text.loss]}
        rows={[
          [text.validation, ...names.map(({ text: value }) => value), significant(validation.loss)],
          [
            text.train,
            ...names.map((_, i) => (i === 0 && train.accuracy !== undefined ? percent(train.accuracy) : '–')),
            significant(train.loss),
          ],
        ]}
      />
    </section>
  );
}
