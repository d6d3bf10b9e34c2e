import type { PhaseState, RunFacts } from '../../src/protocol/index.js';
import { count, duration } from '../format.js';
import { phaseNames, stageNames, text } from '../strings.js';

/** The named phases in their order: what is done, what goes on and for how long, what comes. */
export function Phases({ facts, now }: { readonly facts: RunFacts; readonly now: number }) {
  const live = facts.status === 'running' || facts.status === 'paused';
  return (
    <ol class="phases" aria-label={text.phases}>
      {facts.phases.map((phase) => (
        <Phase key={phase.phase} phase={phase} facts={facts} live={live} now={now} />
      ))}
    </ol>
  );
}

function Phase(props: {
  readonly phase: PhaseState;
  readonly facts: RunFacts;
  readonly live: boolean;
  readonly now: number;
}) {
  const { phase, facts, live, now } = props;
  const { progress } = phase;
  const state = phase.state === 'active' && !live ? 'broken' : phase.state;
  const ms = phase.ms + (phase.since !== undefined && live ? now - phase.since : 0);
  const fraction =
    state === 'done' ? 1 : progress === undefined || progress.total === 0 ? 0 : progress.done / progress.total;
  const stage = facts.stages.at(-1);
  const name = phaseNames[phase.phase];
  return (
    <li class={state} aria-current={state === 'active' ? 'step' : undefined}>
      <div class="phase-name">
        <span aria-hidden="true" class="phase-icon">
          {{ done: '✓', active: '●', waiting: '○', broken: '✕' }[state]}
        </span>
        {name}
        {phase.phase === 'train' && stage !== undefined && state === 'active' ? ` · ${stageNames[stage.stage]}` : ''}
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
      <div class="phase-detail">{detail(phase, state, ms, now)}</div>
    </li>
  );
}

function detail(phase: PhaseState, state: string, ms: number, now: number): string {
  if (state === 'waiting') return ' ';
  const { progress, endsAt } = phase;
  if (state === 'done' || progress === undefined) return duration(ms);
  const parts = [text.counted(phase.phase, progress.done, progress.total)];
  if (phase.phase === 'prefix') parts.push(`${count(Math.round(progress.perSecond))}/s`);
  if (endsAt !== undefined && state === 'active') parts.push(text.left(duration(Math.max(1000, endsAt - now))));
  return parts.join(' · ');
}
