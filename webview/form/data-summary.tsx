import type { DataSummary } from '../../src/protocol/index.js';
import { count } from '../format.js';
import type { State } from '../store.js';
import { rangeText, text } from '../strings.js';
import { Banner } from '../ui/index.js';

/** What lies in the folder that was chosen. */
export function DataSummaryLine({ state: { summary, choice } }: { readonly state: State }) {
  if (summary?.folder !== choice.data) return null;
  const { answer } = summary;
  if (!answer.ok) return <Banner tone="error" message={answer.message} action={answer.action} />;
  const { notes = [], tasks = [] } = answer.value;
  const task = choice.task ?? tasks[0];
  const numbers = answer.value.numbers ?? (task === 'regression' ? [rangeOf(answer.value)] : undefined);
  const classes = numbers === undefined ? answer.value.classes : [];
  const pictures = answer.value.pictures ?? answer.value.classes.reduce((sum, entry) => sum + entry.count, 0);
  return (
    <>
      <p class="dim">
        {numbers !== undefined
          ? text.numbersOf(numbers.length, pictures)
          : task === 'multi-label'
            ? text.labelsOf(classes.length, pictures)
            : text.classesOf(classes.length, pictures)}
      </p>
      {notes.map((note) => (
        <p class="dim" key={note}>
          {note}
        </p>
      ))}
      <ul class="tags">
        {classes.slice(0, 30).map((entry) => (
          <li key={entry.name}>
            {entry.name} <span class="dim">{count(entry.count)}</span>
          </li>
        ))}
        {numbers?.map((range) => (
          <li key={range.name}>{rangeText(range)}</li>
        ))}
      </ul>
    </>
  );
}

/** The range of classes that are numbers. */
function rangeOf({ classes }: DataSummary) {
  const all = classes.map(({ name }) => Number(name));
  return { name: text.task, min: Math.min(...all), max: Math.max(...all) };
}
