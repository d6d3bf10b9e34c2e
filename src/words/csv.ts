/** RFC 4180. What a spreadsheet would take for a formula begins with an apostrophe, which it hides. */
export function csv(head: readonly string[], rows: Iterable<readonly (string | number)[]>): string {
  const line = (row: readonly (string | number)[]) => `${row.map(cell).join(',')}\r\n`;
  return [head, ...rows].map(line).join('');
}

function cell(value: string | number): string | number {
  if (typeof value === 'number') return value;
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
