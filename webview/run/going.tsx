import type { RunRow } from '../../src/protocol/index.js';
import { send } from '../host.js';
import { activity, text } from '../strings.js';
import { Button } from '../ui/index.js';

/** Runs that go on and are not on the page: whatever is shown, they stay in sight, with what they are at. */
export function Going({ runs, shown }: { readonly runs: readonly RunRow[]; readonly shown: readonly string[] }) {
  const hidden = runs.filter(({ id, activity: now }) => now !== undefined && !shown.includes(id));
  if (hidden.length === 0) return null;
  return (
    <ul class="going" aria-label={text.going}>
      {hidden.map(({ id, title, purpose, activity: now = {} }) => (
        <li key={id} class="row">
          <span class="going-icon" aria-hidden="true">
            {now.state === undefined ? '●' : '‖'}
          </span>
          <strong>{title}</strong>
          <span class="going-at">{activity(purpose, now)}</span>
          <span class="row end">
            <Button
              title={text.showRun(title)}
              onClick={() => {
                send({ type: 'navigate', view: { kind: 'run', id } });
              }}
            >
              {text.show}
            </Button>
            <Button
              title={text.stopRun(title)}
              onClick={() => {
                send({ type: 'control', id, request: 'stop' });
              }}
            >
              {text.stop}
            </Button>
          </span>
        </li>
      ))}
    </ul>
  );
}
