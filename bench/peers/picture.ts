import { jobs } from './jobs.js';
import type { Results } from './results.js';
import { rowsOf } from './table.js';

const width = 760;
const left = 230;
const bar = 16;
const row = 22;

/** Seconds of all results as bars, a group a job, each group with a scale of its own. Readable on light and dark pages. */
export function picture({ results }: Results): string {
  const parts: string[] = [];
  let y = 8;
  for (const job of jobs) {
    const rows = rowsOf(results, job.id);
    if (rows.length === 0) continue;
    const longest = Math.max(...rows.map(({ seconds }) => seconds));
    parts.push(`<text class="title" x="0" y="${y + 16}">(${job.id}) ${job.title}, seconds</text>`);
    y += 26;
    for (const { title, seconds } of rows) {
      const length = Math.max(2, (seconds / longest) * (width - left - 70));
      const kind = title.startsWith('Graft') ? 'graft' : 'peer';
      parts.push(
        `<text x="${left - 8}" y="${y + 13}" text-anchor="end">${title}</text>`,
        `<rect class="${kind}" x="${left}" y="${y}" width="${length.toFixed(1)}" height="${bar}" rx="2"/>`,
        `<text class="${kind}-value" x="${(left + length + 6).toFixed(1)}" y="${y + 13}">${seconds.toFixed(seconds < 10 ? 1 : 0)}</text>`,
      );
      y += row;
    }
    y += 12;
  }
  const style = `text { font: 13px system-ui, sans-serif; fill: #24292f } .title { font-weight: 600 } .graft { fill: #1a7f37 } .peer { fill: #8c959f }
.graft-value { font-weight: 600 } @media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .graft { fill: #3fb950 } .peer { fill: #6e7681 } }`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${y}" width="${width}" height="${y}" role="img" aria-label="Seconds of Graft, PyTorch and Keras in each job">
<style>${style}</style>
${parts.join('\n')}
</svg>
`;
}
