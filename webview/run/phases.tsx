import { isActive, type PhaseState, type RunFacts, type RunPurpose } from '../../src/protocol/index.js';
import { count, duration } from '../format.js';
import { phaseNames, stageNames, statusNames, text } from '../strings.js';

const icons: Record<PhaseState['state'], string> = { waiting: '○', active: '●', ended: '✓', failed: '✕', stopped: '■' };

/** The named phases in their order: what is done, what goes on and for how long, what comes. */
export function Phases({ facts, now }: { readonly facts: RunFacts; readonly now: number }) {
  const live = isActive(facts);
  return (
    <ol class="phases" aria-label={text.phases}>
      {phasesOf(facts).map((phase) => (
        <Phase key={phase.phase} phase={phase} facts={facts} live={live} now={now} />
      ))}
    </ol>
  );
}

/** A test of learning rates ends with the training. */
function phasesOf({ phases, purpose }: RunFacts): readonly PhaseState[] {
  return purpose === 'learning-rate' ? phases.slice(0, phases.findIndex(({ phase }) => phase === 'train') + 1) : phases;
}

function Phase(props: {
  readonly phase: PhaseState;
  readonly facts: RunFacts;
  readonly live: boolean;
  readonly now: number;
}) {
  const { phase, facts, live, now } = props;
  const { progress } = phase;
  const cutShort = facts.status === 'stopped' ? 'stopped' : 'failed';
  const state = phase.state === 'active' && !live ? cutShort : phase.state;
  const ms = phase.ms + (phase.since !== undefined && live ? now - phase.since : 0);
  const fraction =
    state === 'ended' ? 1 : progress === undefined || progress.total === 0 ? 0 : progress.done / progress.total;
  const stage = facts.stages.at(-1);
  const name = phaseNames[phase.phase];
  return (
    <li class={state} aria-current={state === 'active' ? 'step' : undefined}>
      <div class="phase-name">
        <span aria-hidden="true" class="phase-icon">
          {icons[state]}
        </span>
        {name}
        {phase.phase === 'train' && stage !== undefined && state === 'active' && facts.purpose === 'train'
          ? ` · ${stageNames[stage.stage]}`
          : ''}
      </div>
      <div
        class={`bar${state === 'active' && progress === undefined ? ' unknown' : ''}`}
        role="progressbar"
        aria-label={name}
        aria-valuenow={Math.round(fraction * 100)}
        aria-valuemin={0}
        aria-valuemax={100}
      >
        <div style={{ width: `${fraction * 100}%` }} />
      </div>
      <div class="phase-detail">{detail(phase, facts.purpose, state, ms, now)}</div>
    </li>
  );
}

function detail(phase: PhaseState, purpose: RunPurpose, state: PhaseState['state'], ms: number, now: number): string {
  if (state === 'waiting') return ' ';
  const { progress, endsAt } = phase;
  if (state === 'ended') return duration(ms);
  const parts = state === 'active' ? [] : [statusNames[state]];
  parts.push(progress === undefined ? duration(ms) : text.counted(phase.phase, progress.done, progress.total, purpose));
  if (phase.phase === 'prefix' && progress !== undefined) parts.push(`${count(Math.round(progress.perSecond))}/s`);
  if (endsAt !== undefined && state === 'active') parts.push(text.left(duration(Math.max(1000, endsAt - now))));
  return parts.join(' · ');
}
