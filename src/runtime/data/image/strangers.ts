import path from 'node:path';

import { messageOf } from '../../../common/errors.js';
import { openRegularFile } from '../../../common/read-file.js';
import { formatNames, formatOf } from './formats.js';
import { otherKind } from './other-kinds.js';
import type { Skipped } from '../found-data.js';

/** Files that lie beside pictures and are not meant to be any. */
const companions: ReadonlySet<string> = new Set(
  'txt md json jsonl xml csv tsv tab yaml yml toml ini cfg log html htm css js ts py ipynb db sqlite npy npz pkl zip gz tar 7z rar xlsx xls ods docx doc aae xmp thm dat bin lnk url sh bat'
    .split(' ')
    .map((extension) => `.${extension}`),
);
const convert = 'save it as JPEG or PNG';
const kinds: readonly (readonly [extensions: string, what: string])[] = [
  ['svg svgz eps ai', `it is a drawing, not a picture of pixels: ${convert}`],
  ['pdf', `it is a PDF, not a picture: ${convert}`],
  ['mp4 mov avi mkv webm m4v wmv', 'it is a video: save single frames of it as pictures'],
  ['cr2 cr3 nef arw dng orf rw2 raf', `it is a camera's raw file: ${convert}`],
  ['psd psb xcf kra', `it is a file of a drawing program: ${convert}`],
  ['jp2 j2k jxl ico icns tga pcx ppm pgm pbm exr hdr dcm', `its format cannot be read here: ${convert}`],
];
const reasons: ReadonlyMap<string, string> = new Map(
  kinds.flatMap(([extensions, what]) =>
    extensions.split(' ').map((extension): [string, string] => [`.${extension}`, what]),
  ),
);

/** A small picture of the video or the photo beside it. */
const thumbnailOfAnother = '.thm';

/** What it is by its content, or else by its name. */
function reasonFor(start: Buffer, extension: string): string {
  const byName = reasons.get(extension);
  if (byName !== undefined) return byName;
  const kind = otherKind(start);
  return kind === undefined ? `it is none of ${formatNames}` : `it is ${kind}`;
}

/**
 * Of files whose names are not those of pictures: which are pictures all the same (`photo.jpeg_large`, `IMG_1`), and why the others cannot
 * be used. Tables, notes and the like are passed over, unless they are pictures too: those are in `renamed`.
 */
export async function lookAtStrangers(
  files: readonly string[],
): Promise<{ pictures: string[]; renamed: string[]; skipped: Skipped[] }> {
  const pictures: string[] = [];
  const renamed: string[] = [];
  const skipped: Skipped[] = [];
  for (const file of files) {
    const extension = path.extname(file).toLowerCase();
    if (extension === thumbnailOfAnother) continue;
    const start = await firstBytes(file);
    if (companions.has(extension)) {
      if (typeof start !== 'string' && isCertainly(start)) {
        pictures.push(file);
        renamed.push(file);
      }
      continue;
    }
    if (typeof start === 'string') skipped.push({ file, reason: start });
    else if (formatOf(start) !== undefined) pictures.push(file);
    else skipped.push({ file, reason: reasonFor(start, extension) });
  }
  return { pictures, renamed, skipped };
}

/** A text may begin as a bmp does, with two letters. */
function isCertainly(start: Buffer): boolean {
  const format = formatOf(start);
  return format !== undefined && (format.name !== 'bmp' || start.subarray(0, 26).includes(0));
}

/** Enough to tell every format, and a drawing from other texts. */
const lookedAt = 1024;

async function firstBytes(file: string): Promise<Buffer | string> {
  try {
    const handle = await openRegularFile(file);
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(lookedAt), 0, lookedAt, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch (error) {
    return messageOf(error);
  }
}
