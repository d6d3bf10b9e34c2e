import { thumbnail } from '../data/index.js';

/** A small JPEG of each picture, in base64; null for what is none. */
export async function thumbnailsOf(files: readonly string[], side: number, whole = false): Promise<(string | null)[]> {
  return await Promise.all(
    files.map((file) =>
      thumbnail({ source: { kind: 'file', path: file } }, side, whole).then(
        (jpeg) => jpeg.toString('base64'),
        () => null,
      ),
    ),
  );
}
