/** The formats of pictures that are read, and how their files begin. The README lists them. */
export const formats = [
  {
    name: 'jpg',
    extensions: ['.jpg', '.jpeg'],
    inBrowsers: true,
    library: 'jpeg',
    begins: (b) => starts(b, [0xff, 0xd8, 0xff]),
  },
  {
    name: 'png',
    extensions: ['.png'],
    inBrowsers: true,
    library: 'png',
    begins: (b) => starts(b, [0x89, 'PNG\r\n', 0x1a, '\n']),
  },
  {
    name: 'webp',
    extensions: ['.webp'],
    inBrowsers: true,
    library: 'webp',
    begins: (b) => starts(b, ['RIFF']) && at(b, 8, 'WEBP'),
  },
  {
    name: 'gif',
    extensions: ['.gif'],
    inBrowsers: true,
    library: 'gif',
    begins: (b) => starts(b, ['GIF87a']) || starts(b, ['GIF89a']),
  },
  {
    name: 'bmp',
    extensions: ['.bmp'],
    inBrowsers: true,
    library: undefined,
    begins: (b) => starts(b, ['BM']) && b.length >= 26,
  },
  { name: 'tiff', extensions: ['.tif', '.tiff'], inBrowsers: false, library: 'tiff', begins: isTiff },
  {
    name: 'avif',
    extensions: ['.avif'],
    inBrowsers: true,
    library: 'heif',
    begins: (b) => brands(b).some((brand) => /^avi[fs]$/.test(brand)),
  },
  {
    name: 'heic',
    extensions: ['.heic', '.heif', '.hif'],
    inBrowsers: false,
    library: 'heif',
    begins: (b) => brands(b).some((brand) => /^(hei[cxms]|hev[cxms])$/.test(brand)),
  },
] as const satisfies readonly PictureFormat[];

interface PictureFormat {
  readonly name: string;
  readonly extensions: readonly string[];
  /** What sharp calls it; undefined where we read it ourselves. */
  readonly library: string | undefined;
  readonly inBrowsers: boolean;
  readonly begins: (bytes: Buffer) => boolean;
}

export type Format = (typeof formats)[number];

/** "jpg, png, … and avif". */
export const formatNames = formats
  .map(({ name }) => name)
  .join(', ')
  .replace(/, (?=\w+$)/, ' and ');

export const pictureExtensions: ReadonlySet<string> = new Set(formats.flatMap(({ extensions }) => extensions));

/** By the content: names are often wrong. */
export function formatOf(bytes: Buffer): Format | undefined {
  return formats.find(({ begins }) => begins(bytes));
}

export type Beginning = readonly (number | string)[];

function isTiff(bytes: Buffer): boolean {
  const [little, big] = [starts(bytes, ['II', 42, 0]), starts(bytes, ['MM', 0, 42])];
  // 43: with offsets of 64 bits. Canon's raw photos call themselves TIFF, and hold a preview only in that form.
  return (little && !at(bytes, 8, 'CR')) || big || starts(bytes, ['II', 43, 0]) || starts(bytes, ['MM', 0, 43]);
}

/** The brands of an ISO media file (AVIF, HEIC, MP4), the major one first. */
export function brands(bytes: Buffer): string[] {
  if (!at(bytes, 4, 'ftyp')) return [];
  const end = Math.min(bytes.length, bytes.readUInt32BE(0), 256);
  const found = [bytes.toString('latin1', 8, 12)];
  for (let offset = 16; offset + 4 <= end; offset += 4) found.push(bytes.toString('latin1', offset, offset + 4));
  return found;
}

export function starts(bytes: Buffer, beginning: Beginning): boolean {
  const wanted = Buffer.concat(
    beginning.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.of(part))),
  );
  return bytes.subarray(0, wanted.length).equals(wanted);
}

function at(bytes: Buffer, offset: number, text: string): boolean {
  return bytes.toString('latin1', offset, offset + text.length) === text;
}
