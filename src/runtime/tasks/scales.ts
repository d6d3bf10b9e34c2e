/** Mean and standard deviation of each number; a deviation of 0 counts as 1. */
export function scalesOf(
  rows: readonly (readonly number[])[],
  columns: number,
): { readonly means: number[]; readonly deviations: number[] } {
  const n = Math.max(1, rows.length);
  const means = Array.from({ length: columns }, (_, c) => rows.reduce((sum, row) => sum + (row[c] ?? 0), 0) / n);
  const deviations = means.map(
    (mean, c) => Math.sqrt(rows.reduce((sum, row) => sum + ((row[c] ?? 0) - mean) ** 2, 0) / n) || 1,
  );
  return { means, deviations };
}
