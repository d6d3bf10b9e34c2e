import type { RunFacts } from '../../src/protocol/index.js';
import { compact, count, duration, fileName, megabytes, moment, percent } from '../format.js';
import { techniqueNames, text } from '../strings.js';
import { Table } from '../ui/index.js';

/** Engine and reason, base, speed, memory, time: what is known so far. */
export function Facts({ facts, now }: { readonly facts: RunFacts; readonly now: number }) {
  const { model, batch } = facts;
  const live = facts.status === 'running' || facts.status === 'paused';
  const entries: (readonly [string, string, string?])[] = [
    [text.elapsed, duration((facts.endTime ?? now) - facts.startTime), moment(facts.startTime)],
  ];
  if (model !== undefined) {
    entries.push(
      [text.engine, model.engine, model.engineReason],
      [text.base, model.base, `${techniqueNames[model.technique]}, ${text.parameters(model.parameters)}`],
      [
        text.trainable,
        percent(model.trainable / Math.max(1, model.parameters)),
        `${compact(model.trainable)}${model.frozenUpTo === undefined ? '' : `, ${text.frozenUpTo(model.frozenUpTo)}`}`,
      ],
    );
  }
  if (batch !== undefined) {
    const speed = text.perSecond(batch.imagesPerSecond);
    entries.push(live ? [text.speed, speed, text.rate(batch.learningRate)] : [text.speed, speed]);
    entries.push([text.memory, megabytes(batch.memory)]);
  }
  const saved = facts.saved.at(-1);
  if (saved !== undefined) entries.push([text.saved, fileName(saved), saved]);
  else if (facts.checkpoint !== undefined)
    entries.push([text.lastCheckpoint, new Date(facts.checkpoint.time).toLocaleTimeString(), facts.checkpoint.file]);
  return (
    <dl class="facts">
      {entries.map(([name, value, more]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            {value}
            {more === undefined ? null : <small title={more}>{more}</small>}
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** Classes and counts, what was skipped, and the warnings. */
export function DataSection({ facts }: { readonly facts: RunFacts }) {
  const { data, warnings } = facts;
  if (data === undefined) return null;
  const pictures = data.classes.reduce((sum, { train, validation }) => sum + train + validation, 0);
  return (
    <section class="narrow" aria-labelledby="data">
      <h2 id="data">{text.data}</h2>
      <p class="dim">
        {data.directory} · {text.classesOf(data.classes.length, pictures)} · {text.duplicates(data.duplicates)} ·{' '}
        {text.skipped(data.skipped.length)}
      </p>
      <Table
        label={text.data}
        head={[text.class, text.train, text.validation]}
        rows={data.classes.map(({ name, train, validation }) => [name, count(train), count(validation)])}
      />
      {data.skipped.length === 0 ? null : (
        <details>
          <summary>{text.skipped(data.skipped.length)}</summary>
          <ul>
            {data.skipped.slice(0, 500).map(({ file, reason }) => (
              <li key={file}>
                {file}: {reason}
              </li>
            ))}
          </ul>
        </details>
      )}
      {warnings.length === 0 ? null : (
        <>
          <h3>{text.warnings}</h3>
          <ul>
            {warnings.map(({ message, action, time }) => (
              <li key={`${time}${message}`}>
                {message} {action}
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}
