/** `1.5 GB`: how much memory or disk something needs, or there is. */
export function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
