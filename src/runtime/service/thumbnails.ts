import { dataKinds } from '../data/index.js';

/** A small JPEG of each picture, in base64; null for what is none. */
export async function thumbnailsOf(files: readonly string[], side: number, whole = false): Promise<(string | null)[]> {
  const kind = dataKinds.image;
  return await Promise.all(
    files.map((file) =>
      kind.show(kind.fileSource(file), side, whole).then(
        (jpeg) => jpeg.toString('base64'),
        () => null,
      ),
    ),
  );
}
