import type { EpochPoint } from '../../src/protocol/index.js';
import { percent, significant, fixed } from '../format.js';
import { text } from '../strings.js';
import { Table } from '../ui/index.js';

/** What came of a classifier that is fitted in one step: there is no curve, so its figures stand in the curves' place. */
export function Fitted({ point }: { readonly point: EpochPoint }) {
  const { train, validation } = point;
  return (
    <section class="narrow" aria-labelledby="fitted">
      <h2 id="fitted">{text.fitted}</h2>
      <p class="dim">{text.fittedHelp}</p>
      <Table
        label={text.fitted}
        head={[text.pictures, text.accuracy, text.macroF1, text.loss]}
        rows={[
          [text.validation, percent(validation.accuracy), fixed(validation.macroF1, 3), significant(validation.loss)],
          [text.train, percent(train.accuracy), '–', significant(train.loss)],
        ]}
      />
    </section>
  );
}
