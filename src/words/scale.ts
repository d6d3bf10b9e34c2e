/** A range that holds the values and begins and ends at a round number, with round ticks, about `intervals` apart. Never empty. */
export function scale(low: number, high: number, intervals = 4): { low: number; high: number; ticks: number[] } {
  if (!Number.isFinite(low) || !Number.isFinite(high)) return { low: 0, high: 1, ticks: [0, 0.5, 1] };
  const span = high - low || Math.abs(high) || 1;
  const power = 10 ** Math.floor(Math.log10(span / intervals));
  const step = ([1, 2, 2.5, 5].find((factor) => factor * power * intervals >= span) ?? 10) * power;
  const [first, last] = [Math.floor(low / step + 1e-9), Math.ceil(high / step - 1e-9)];
  const ticks = Array.from({ length: Math.max(last, first + 1) - first + 1 }, (_, i) => (first + i) * step);
  return { low: ticks[0] ?? 0, high: ticks.at(-1) ?? 1, ticks };
}
