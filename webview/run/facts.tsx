import { isActive, type Metrics, type RunFacts, type RunOverrides } from '../../src/protocol/index.js';
import { figuresLine, sidesOf, type NamedFigure } from '../../src/words/index.js';
import { compact, count, duration, fileName, moment, percent, quantity, significant, timeOfDay } from '../format.js';
import { baseName, techniqueNames, text } from '../strings.js';
import { Figure, Table } from '../ui/index.js';

/** How good it is, time, engine and reason, base, speed: what is known so far. */
export function Facts(props: {
  readonly facts: RunFacts;
  /** Of the report, or of the best epoch. */
  readonly metrics: Metrics | undefined;
  readonly texts: readonly NamedFigure[] | undefined;
  readonly now: number;
}) {
  const { facts, metrics, texts, now } = props;
  const { model, batch } = facts;
  const live = isActive(facts);
  const entries: (readonly [string, string, string?])[] = [];
  if (metrics !== undefined && texts !== undefined) {
    const [first, ...others] = texts;
    const beside = figuresLine([...others, { name: text.loss, text: significant(metrics.loss) }]);
    if (first !== undefined) entries.push([live ? text.bestSoFar(first.name) : first.name, first.text, beside]);
  }
  entries.push([text.elapsed, duration(elapsedOf(facts, now)), moment(facts.startTime)]);
  const memory = batch === undefined ? [] : [text.memory(batch.memory)];
  if (model !== undefined) {
    entries.push(
      [text.engine, model.engine, [model.engineReason, ...memory].join(' · ')],
      [
        text.base,
        baseName(model.base, facts.purpose),
        `${techniqueNames[model.technique]}, ${text.parameters(model.parameters)}`,
      ],
      ...preprocessingFact(model),
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
  }
  const said = overrideTexts(facts.overrides ?? {});
  if (said.length > 0) entries.push([text.overrides, said.join(', ')]);
  const saved = facts.saved.at(-1);
  if (saved !== undefined) entries.push([text.saved, fileName(saved), saved]);
  else if (facts.checkpoint !== undefined)
    entries.push([text.lastCheckpoint, timeOfDay(facts.checkpoint.time), facts.checkpoint.file]);
  return (
    <dl class="facts">
      {entries.map(([name, value, more]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            <Figure text={value} />
            {more === undefined ? null : <small title={more}>{more}</small>}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function preprocessingFact({
  preprocessing,
}: NonNullable<RunFacts['model']>): readonly (readonly [string, string, string])[] {
  if (preprocessing === undefined) return [];
  const { name, pixels, why } = preprocessing;
  return [[text.preprocessing, name, why === undefined ? pixels : `${pixels}. ${why}`]];
}

/** Time in which it ran: of a resumed run, all its executions together. */
export function elapsedOf({ elapsed: { ms, since } }: RunFacts, now: number): number {
  return since === undefined ? ms : ms + Math.max(0, now - since);
}

/** In the words of the script. */
function overrideTexts(overrides: RunOverrides): string[] {
  const changes = Object.entries(overrides).filter(([name]) => name !== 'save');
  return changes.map(([name, value]) => `${name}: ${JSON.stringify(value)}`);
}

/** What the script said with `console.log`. */
export function LogSection({ log }: { readonly log: readonly string[] }) {
  if (log.length === 0) return null;
  return (
    <section class="narrow" aria-labelledby="log">
      <h2 id="log">{text.log}</h2>
      <pre class="log" tabIndex={0} aria-labelledby="log">
        {log.join('\n')}
      </pre>
    </section>
  );
}

/** Classes and counts, what was skipped, and the warnings. */
export function DataSection({ facts }: { readonly facts: RunFacts }) {
  const { data, warnings } = facts;
  if (data === undefined) return null;
  const sides = sidesOf(data);
  const pictures = sides.train + sides.validation + sides.test;
  return (
    <section class="narrow" aria-labelledby="data">
      <h2 id="data">{text.data}</h2>
      <p class="dim">
        {[
          data.directory,
          data.numbers !== undefined
            ? text.numbersOf(data.numbers.length, pictures)
            : data.task === 'multi-label'
              ? text.labelsOf(data.classes.length, pictures)
              : text.classesOf(data.classes.length, pictures),
          ...(data.duplicates === 0 ? [] : [text.duplicates(data.duplicates)]),
          ...(data.skipped.length === 0 ? [] : [text.skipped(data.skipped.length)]),
        ].join(' · ')}
      </p>
      {data.notes?.map((note) => (
        <p class="dim" key={note}>
          {note}
        </p>
      ))}
      <LabelsTable data={data} />
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

/** How many pictures of each class are on each side; of numbers, of all, and what the numbers are. */
function LabelsTable({ data }: { readonly data: NonNullable<RunFacts['data']> }) {
  const { classes, numbers } = data;
  const sides = sidesOf(data);
  const hasTest = sides.test > 0;
  const head = [text.train, text.validation, ...(hasTest ? [text.test] : [])];
  const row = ({ train, validation, test = 0 }: { train: number; validation: number; test?: number }) => [
    count(train),
    count(validation),
    ...(hasTest ? [count(test)] : []),
  ];
  if (numbers === undefined) {
    const isLabels = data.task === 'multi-label';
    const rows = classes.map((one) => [one.name, ...row(one)]);
    return (
      <Table
        label={text.data}
        head={[isLabels ? text.label : text.class, ...head]}
        rows={isLabels ? [...rows, [text.allPictures, ...row(sides)]] : rows}
      />
    );
  }
  return (
    <>
      <Table label={text.pictures} head={['', ...head]} rows={[[text.pictures, ...row(sides)]]} />
      <Table
        label={text.data}
        head={[text.number, text.smallest, text.median, text.largest]}
        rows={numbers.map(({ name, min, median, max }) => [
          name,
          ...[min, median, max].map((value) => quantity(value)),
        ])}
      />
    </>
  );
}
