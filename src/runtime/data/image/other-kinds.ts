import { brands, starts, type Beginning } from './formats.js';

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
