/** `812 B`, `3.4 kB`, `1.25 GB`: how much there is of something. */
export function sizeText(bytes: number): string {
  if (bytes < 1e3) return `${bytes} B`;
  if (bytes < 1e6) return `${(bytes / 1e3).toFixed(1)} kB`;
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}

/** `10001 bytes`, `34 MB`, `1.25 GB`: a size and the limit that it breaks, which may differ by a byte. */
export function exactSize(bytes: number): string {
  if (!Number.isFinite(bytes)) return 'no number of bytes that there can be';
  if (bytes < 1e6) return `${bytes} bytes`;
  return bytes < 1e9 ? `${Math.round(bytes / 1e6)} MB` : `${Number((bytes / 1e9).toPrecision(3))} GB`;
}

/** `0.1 GB`, `1.5 GB`: how much memory or disk something needs beside how much there is. */
export function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
