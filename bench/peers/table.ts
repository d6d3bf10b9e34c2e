import { contestants, jobs, type Contestant, type Style } from './jobs.js';
import type { Result, Results } from './results.js';

const megabytes = (bytes: number | undefined) => (bytes === undefined ? '–' : `${Math.round(bytes / 1e6)} MB`);

/** All results as Markdown: seconds of all jobs, then a table a job. */
export function table({ machine, versions, photos, data, weights, results }: Results): string {
  const dates = results.map(({ date }) => date.slice(0, 10)).sort();
  const lines = [
    `${photos} pictures of ${data}; weights: MobileNetV2 ${weights['mobilenet-v2'] ?? ''}, ResNet50 ${weights['resnet50'] ?? ''}.`,
    `${machine}; ${dates[0] ?? ''}${dates.at(-1) === dates[0] ? '' : ` to ${dates.at(-1) ?? ''}`}; ${Object.entries(
      versions,
    )
      .map(([name, version]) => `${name} ${version}`)
      .join(', ')}.`,
  ];
  lines.push('', ...summary(results));
  for (const job of jobs) {
    const rows = rowsOf(results, job.id);
    if (rows.length === 0) continue;
    lines.push('', `**(${job.id}) ${job.title}**`, '');
    lines.push(
      '| | seconds | without imports | epoch | peak memory | accuracy |',
      '| --- | ---: | ---: | ---: | ---: | ---: |',
    );
    lines.push(...rows.map(line));
  }
  return `${lines.join('\n')}\n`;
}

const columns: readonly (readonly [string, Contestant['framework'], readonly Style[]])[] = [
  ['Graft', 'Graft', ['regression', 'fit']],
  ['PyTorch, guide', 'PyTorch', ['guide']],
  ['PyTorch, smart', 'PyTorch', ['smart']],
  ['Keras, guide', 'Keras', ['guide']],
  ['Keras, smart', 'Keras', ['smart']],
];

/** Seconds; where a peer was measured in several ways (compiled or not), the quickest; of Graft's, the one that its scaffold gives. */
function summary(results: readonly Result[]): string[] {
  const rows = jobs
    .filter(({ id }) => rowsOf(results, id).length > 0)
    .map((job) => {
      const cells = columns.map(([, framework, styles]) => {
        const ids = contestants
          .filter((one) => one.framework === framework && styles.includes(one.style))
          .map(({ id }) => id);
        const found = rowsOf(results, job.id).filter(({ contestant }) => ids.includes(contestant));
        const seconds = found.map((result) => result.seconds);
        if (seconds.length === 0) return '–';
        return (framework === 'Graft' ? (seconds[0] ?? NaN) : Math.min(...seconds)).toFixed(1);
      });
      return `| (${job.id}) ${job.title} | ${cells.join(' | ')} |`;
    });
  return [
    `| seconds | ${columns.map(([title]) => title).join(' | ')} |`,
    `| --- |${' ---: |'.repeat(columns.length)}`,
    ...rows,
  ];
}

/** A job's results in the order of the contestants. */
export function rowsOf(results: readonly Result[], job: string): Result[] {
  return contestants.flatMap(({ id }) => results.filter((result) => result.job === job && result.contestant === id));
}

function line({ title, seconds, importSeconds, epochs, epochSeconds, peakMemory, accuracy }: Result): string {
  const counted =
    title.startsWith('Graft') || epochSeconds.length >= epochs
      ? ''
      : `, ${epochSeconds.length} of ${epochs} epochs measured`;
  const epoch = epochSeconds.at(-1);
  const cells = [
    `${title}${counted}`,
    seconds.toFixed(1),
    (seconds - importSeconds).toFixed(1),
    epoch === undefined || epochSeconds.length < Math.min(2, epochs) ? '–' : epoch.toFixed(epoch < 1 ? 2 : 1),
    megabytes(peakMemory),
    `${(100 * accuracy).toFixed(1)} %`,
  ];
  return `| ${cells.join(' | ')} |`;
}
