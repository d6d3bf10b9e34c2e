const [short, long, undefinedBytes] = [3, 4, 7];

/**
 * A TIFF file of pixels as they are: the one way to hand a picture to sharp together with its colour profile.
 *
 * @param pixels 8 bit, [height, width, channels]: RGB, or RGB and alpha.
 */
export function tiffOf(
  {
    pixels,
    width,
    height,
    channels,
  }: { readonly pixels: Uint8Array; readonly width: number; readonly height: number; readonly channels: 3 | 4 },
  profile?: Uint8Array,
): Buffer {
  const bits = Buffer.alloc(2 * channels);
  for (let i = 0; i < channels; i++) bits.writeUInt16LE(8, 2 * i);
  const parts: Uint8Array[] = [];
  let end = 8;
  /** Where it will lie: at an even place. */
  const put = (bytes: Uint8Array): number => {
    const at = end;
    const filled = bytes.length % 2 === 0 ? [bytes] : [bytes, new Uint8Array(1)];
    parts.push(...filled);
    end += bytes.length + (bytes.length % 2);
    return at;
  };
  const entries: [tag: number, type: number, count: number, value: number][] = [
    [256, long, 1, width],
    [257, long, 1, height],
    [258, short, channels, put(bits)],
    [259, short, 1, 1],
    [262, short, 1, 2],
    [273, long, 1, put(pixels)],
    [277, short, 1, channels],
    [278, long, 1, height],
    [279, long, 1, pixels.length],
  ];
  // Alpha that colours are not multiplied by.
  if (channels === 4) entries.push([338, short, 1, 2]);
  if (profile !== undefined) entries.push([34675, undefinedBytes, profile.length, put(profile)]);
  const directory = Buffer.alloc(2 + 12 * entries.length + 4);
  directory.writeUInt16LE(entries.length);
  for (const [i, [tag, type, count, value]] of entries.entries()) {
    const at = 2 + 12 * i;
    directory.writeUInt16LE(tag, at);
    directory.writeUInt16LE(type, at + 2);
    directory.writeUInt32LE(count, at + 4);
    directory.writeUInt32LE(value, at + 8);
  }
  const header = Buffer.from('II*\0\0\0\0\0', 'latin1');
  header.writeUInt32LE(put(directory), 4);
  return Buffer.concat([header, ...parts], end);
}
