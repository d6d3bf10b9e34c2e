import { formatNamed } from './case.js';
import { formats } from './formats.js';
import type { Verdict } from './types.js';

interface Tried {
  readonly format: string;
  readonly verdict: Verdict;
  readonly sealed: boolean;
}

const good: readonly Verdict[] = ['refused', 'harmless'];
const bad: readonly Verdict[] = ['silent', 'crash', 'stack', 'hang', 'memory'];
const titles: Partial<Record<Verdict, string>> = { hang: 'over 20 s', memory: 'over 1.5 GB' };

/** A silent change is no fault of Graft's where nothing would show it: no checksum, or one of the file as it is now. */
export function isFault({ format, verdict, sealed }: Tried): boolean {
  return bad.includes(verdict) && !(verdict === 'silent' && (sealed || !formatNamed(format).checked));
}

export function failed(results: readonly Tried[]): boolean {
  return results.some(isFault);
}

/** A line for each format that was tried: first those whose bytes are all checked, then the others. */
export function table(results: readonly Tried[]): string {
  const header = ['', 'tried', ...[...good, ...bad].map((verdict) => titles[verdict] ?? verdict)];
  const row = (title: string, own: readonly Tried[]) => [
    title,
    String(own.length),
    ...[...good, ...bad].map((verdict) => String(own.filter((result) => result.verdict === verdict).length)),
  ];
  const part = (checked: boolean) => {
    const own = results.filter(({ format, sealed }) => (formatNamed(format).checked && !sealed) === checked);
    const names = formats.map(({ name }) => name).filter((name) => own.some(({ format }) => format === name));
    return [
      ...names.map((name) =>
        row(
          name,
          own.filter(({ format }) => format === name),
        ),
      ),
      row('together', own),
    ];
  };
  const faults = results.filter(isFault).length;
  return [
    'Every byte is covered by a checksum:',
    lines([header, ...part(true)]),
    '',
    'No checksum in the format, or one that was made again (what is silent there cannot be noticed):',
    lines([header, ...part(false)]),
    '',
    `${results.length} tried, ${faults} faults`,
  ].join('\n');
}

function lines(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, c) => Math.max(...rows.map((row) => (row[c] ?? '').length)));
  return rows
    .map((row) =>
      row.map((cell, c) => (c === 0 ? cell.padEnd(widths[c] ?? 0) : cell.padStart(widths[c] ?? 0))).join('  '),
    )
    .join('\n');
}
