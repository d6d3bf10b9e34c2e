import { GraftError, messageOf } from '../../../common/errors.js';
import { endsEarly } from './ends-early.js';
import type { Format } from './formats.js';

/** Something about a picture in words for people. Any other error is a library's own, in the words of its functions. */
export class PictureProblem extends Error {}

interface PictureBytes {
  readonly bytes: Buffer;
  readonly format: Format;
}

/** What goes wrong while a part of a picture is read is the picture's fault. @throws GraftError that names the file. */
export async function reading<T>(
  file: string,
  part: 'header' | 'pixels',
  picture: PictureBytes,
  read: () => T | Promise<T>,
): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof GraftError) throw error;
    throw damaged(file, part, picture, error);
  }
}

function damaged(file: string, part: 'header' | 'pixels', { bytes, format }: PictureBytes, cause: unknown): GraftError {
  const said = messageOf(cause);
  if (endsEarly(bytes, format.name) || said.includes('premature end of JPEG image'))
    return new GraftError(`${file} is cut off: this ${format.name} file ends before its picture does.`, {
      action: 'Copy or download it again, or delete it.',
      cause,
    });
  if (cause instanceof PictureProblem)
    return new GraftError(`${file} cannot be used: ${said}.`, { action: 'Replace it or delete it.', cause });
  // Which kind it is stands in its header, where a changed byte makes it another one.
  if (
    /unsupported (feature|data|codec|color)|samples out of range|not (yet )?(supported|configured|implemented|built in)/i.test(
      said,
    )
  )
    return new GraftError(
      `${file} cannot be used: this ${format.name} file is of a kind that is not read here, or damaged.`,
      {
        action: 'Save it as JPEG or PNG, or delete it.',
        cause,
      },
    );
  return new GraftError(
    `${file} is damaged: it begins as ${format.name}, and its ${part} cannot be ${part === 'header' ? 'read' : 'decoded'}.`,
    { action: 'Replace it or delete it.', cause },
  );
}
