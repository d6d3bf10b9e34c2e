import type { RunRow } from '../../src/protocol/index.js';
import { send } from '../host.js';
import { text, verdict } from '../strings.js';
import { Banner, Button } from '../ui/index.js';
import { TrustedButton } from './trusted-button.js';

interface Found {
  readonly text: string;
  /** Both runs, the pre-trained one first. */
  readonly ids: readonly string[];
}

/** Above a run from scratch: what it is there for, and what it has shown. */
export function FromScratch({ row, runs }: { readonly row: RunRow; readonly runs: readonly RunRow[] }) {
  const found = evidenceOf(row, runs);
  return (
    <Banner tone="info" message={text.fromScratch} action={found?.text}>
      {found && <CompareButton found={found} />}
    </Banner>
  );
}

/** In a training that is done: what the pre-trained weights are worth, or how to find out. */
export function Worth(props: { readonly row: RunRow; readonly runs: readonly RunRow[]; readonly trusted: boolean }) {
  const { row, runs, trusted } = props;
  const found = evidenceOf(row, runs);
  return (
    <section aria-labelledby="worth">
      <div class="row spread">
        <h2 id="worth">{text.worth}</h2>
        {found === undefined ? (
          <TrustedButton
            trusted={trusted}
            onClick={() => {
              send({ type: 'command', command: 'proveItHelps', id: row.id });
            }}
          >
            {text.prove}
          </TrustedButton>
        ) : (
          <CompareButton found={found} />
        )}
      </div>
      <p class={found === undefined ? 'dim' : ''}>{found?.text ?? text.proveHelp}</p>
    </section>
  );
}

function CompareButton({ found }: { readonly found: Found }) {
  return (
    <Button
      onClick={() => {
        send({ type: 'navigate', view: { kind: 'compare', ids: found.ids } });
      }}
    >
      {text.compareBoth}
    </Button>
  );
}

/** The verdict over a run and its twin. */
export function evidenceOf(row: RunRow, runs: readonly RunRow[]): Found | undefined {
  const twin = runs.find(({ id }) => id === row.twin);
  if (twin === undefined) return undefined;
  const [pretrained, random] = row.purpose === 'from-scratch' ? [twin, row] : [row, twin];
  const [a, b] = [pretrained, random].flatMap(({ best: metrics, pictures }) =>
    metrics === undefined || pictures === undefined ? [] : [{ metrics, pictures }],
  );
  if (a === undefined || b === undefined) return undefined;
  // Another run from scratch may have become the twin of this one's twin: the pairs are those of this one.
  const { pairs } = row;
  const found = verdict(a, b, pairs && row.purpose === 'from-scratch' ? turned(pairs) : pairs);
  return found && { text: found.text, ids: [pretrained.id, random.id] };
}

/** Seen from the other run. */
function turned(pairs: NonNullable<RunRow['pairs']>): NonNullable<RunRow['pairs']> {
  return 'both' in pairs
    ? { ...pairs, first: pairs.second, second: pairs.first }
    : { difference: -pairs.difference, low: -pairs.high, high: -pairs.low };
}
