import type { RunRow } from '../../src/protocol/index.js';
import { send } from '../host.js';
import { evidence, text } from '../strings.js';
import { Banner, Button } from '../ui/index.js';

interface EvidenceProps {
  readonly row: RunRow;
  readonly runs: readonly RunRow[];
  readonly trusted: boolean;
}

/** What the pre-trained weights are worth: what a run from scratch has shown, or how to find out. */
export function Evidence({ row, runs, trusted }: EvidenceProps) {
  const found = evidenceOf(row, runs);
  const compare = found && (
    <Button
      onClick={() => {
        send({ type: 'navigate', view: { kind: 'compare', ids: found.ids } });
      }}
    >
      {text.compareBoth}
    </Button>
  );
  if (row.purpose === 'from-scratch') {
    return (
      <Banner tone="info" message={text.fromScratch} action={found?.text}>
        {compare}
      </Banner>
    );
  }
  if (row.purpose !== 'train' || row.status !== 'done') return null;
  return (
    <section aria-labelledby="worth">
      <div class="row spread">
        <h2 id="worth">{text.worth}</h2>
        {compare ?? (
          <Button
            disabled={!trusted}
            title={trusted ? '' : text.untrusted}
            onClick={() => {
              send({ type: 'command', command: 'proveItHelps', id: row.id });
            }}
          >
            {text.prove}
          </Button>
        )}
      </div>
      <p class={found === undefined ? 'dim' : ''}>{found?.text ?? text.proveHelp}</p>
    </section>
  );
}

/** The verdict over a run and its twin, and both runs, the pre-trained one first. */
export function evidenceOf(
  row: RunRow,
  runs: readonly RunRow[],
): { readonly text: string; readonly ids: readonly string[] } | undefined {
  const twin = runs.find(({ id }) => id === row.twin);
  if (twin === undefined) return undefined;
  const [pretrained, random] = row.purpose === 'from-scratch' ? [twin, row] : [row, twin];
  const scores = [pretrained, random].flatMap(({ best, pictures }) =>
    best === undefined || pictures === undefined ? [] : [{ accuracy: best.accuracy, pictures }],
  );
  const [a, b] = scores;
  if (a === undefined || b === undefined) return undefined;
  return { text: evidence(a, b).text, ids: [pretrained.id, random.id] };
}
