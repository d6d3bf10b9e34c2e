/** The formats of pictures that are read, and how their files begin. The README lists them. */
export const formats = [
  { name: 'jpg', extensions: ['.jpg', '.jpeg'], library: 'jpeg', begins: (b) => starts(b, [0xff, 0xd8, 0xff]) },
  { name: 'png', extensions: ['.png'], library: 'png', begins: (b) => starts(b, [0x89, 'PNG\r\n', 0x1a, '\n']) },
  { name: 'webp', extensions: ['.webp'], library: 'webp', begins: (b) => starts(b, ['RIFF']) && at(b, 8, 'WEBP') },
  { name: 'gif', extensions: ['.gif'], library: 'gif', begins: (b) => starts(b, ['GIF87a']) || starts(b, ['GIF89a']) },
  { name: 'bmp', extensions: ['.bmp'], library: undefined, begins: (b) => starts(b, ['BM']) && b.length >= 26 },
  { name: 'tiff', extensions: ['.tif', '.tiff'], library: 'tiff', begins: isTiff },
  {
    name: 'avif',
    extensions: ['.avif'],
    library: 'heif',
    begins: (b) => brands(b).some((brand) => /^avi[fs]$/.test(brand)),
  },
  {
    name: 'heic',
    extensions: ['.heic', '.heif', '.hif'],
    library: 'heif',
    begins: (b) => brands(b).some((brand) => /^(hei[cxms]|hev[cxms])$/.test(brand)),
  },
] as const satisfies readonly PictureFormat[];

interface PictureFormat {
  readonly name: string;
  readonly extensions: readonly string[];
  /** What sharp calls it; undefined where we read it ourselves. */
  readonly library: string | undefined;
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

/** What a file without such a format is, where that is known: "an SVG drawing". */
export function otherKind(bytes: Buffer): string | undefined {
  const [brand] = brands(bytes);
  if (brand !== undefined)
    return /^(mif|msf)/.test(brand) ? 'a HEIF picture of another kind than HEIC and AVIF' : 'a video';
  const known = others.find(([beginnings]) => beginnings.some((beginning) => starts(bytes, beginning)));
  if (known !== undefined) return known[1];
  const text = bytes.subarray(0, 1024).toString('latin1');
  if (text.includes('\0')) return undefined;
  if (/<svg[\s>]/i.test(text)) return 'an SVG drawing';
  if (/^\s*<(!doctype html|html|head|body)/i.test(text)) return 'a web page';
  if (text.startsWith('version https://git-lfs')) return 'a Git LFS pointer, not the file itself';
  return undefined;
}

type Beginning = readonly (number | string)[];

const others: readonly (readonly [readonly Beginning[], string])[] = [
  [[['%PDF']], 'a PDF document'],
  [[['%!PS'], [0xc5, 0xd0, 0xd3, 0xc6]], 'a PostScript drawing'],
  [
    [
      [0xff, 0x0a],
      [0, 0, 0, 12, 'JXL '],
    ],
    'a JPEG XL picture',
  ],
  [
    [
      [0, 0, 0, 12, 'jP  '],
      [0xff, 0x4f, 0xff, 0x51],
    ],
    'a JPEG 2000 picture',
  ],
  [[['8BPS']], 'a Photoshop document'],
  [
    [
      [0, 0, 1, 0],
      [0, 0, 2, 0],
    ],
    'a Windows icon',
  ],
  [[[0x76, 0x2f, 0x31, 0x01]], 'an OpenEXR picture'],
  [[['#?RADIANCE'], ['#?RGBE']], 'a Radiance picture'],
  [['1', '2', '3', '4', '5', '6', '7'].flatMap((n) => [[`P${n}\n`], [`P${n} `], [`P${n}\r`]]), 'a PNM picture'],
  [[['SIMPLE  =']], 'a FITS picture'],
  [[['RIFF']], 'a sound or a video'],
  [[[0x1a, 0x45, 0xdf, 0xa3]], 'a video'],
  [[['PK', 3, 4]], 'a zip archive'],
  [[[0x1f, 0x8b]], 'a gzip archive'],
];

function isTiff(bytes: Buffer): boolean {
  const [little, big] = [starts(bytes, ['II', 42, 0]), starts(bytes, ['MM', 0, 42])];
  // 43: with offsets of 64 bits. Canon's raw photos call themselves TIFF, and hold a preview only in that form.
  return (little && !at(bytes, 8, 'CR')) || big || starts(bytes, ['II', 43, 0]) || starts(bytes, ['MM', 0, 43]);
}

/** The brands of an ISO media file (AVIF, HEIC, MP4), the major one first. */
function brands(bytes: Buffer): string[] {
  if (!at(bytes, 4, 'ftyp')) return [];
  const end = Math.min(bytes.length, bytes.readUInt32BE(0), 256);
  const found = [bytes.toString('latin1', 8, 12)];
  for (let offset = 16; offset + 4 <= end; offset += 4) found.push(bytes.toString('latin1', offset, offset + 4));
  return found;
}

function starts(bytes: Buffer, beginning: Beginning): boolean {
  const wanted = Buffer.concat(
    beginning.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.of(part))),
  );
  return bytes.subarray(0, wanted.length).equals(wanted);
}

function at(bytes: Buffer, offset: number, text: string): boolean {
  return bytes.toString('latin1', offset, offset + text.length) === text;
}
