import type * as H5 from 'h5wasm/node';

import { Hdf5Problem, type Hdf5Dataset, type Hdf5Group, type Hdf5Task } from './types.js';

/** Above what the largest networks have, and a file whose groups contain each other is endless. */
const limits = { objects: 40_000, depth: 64, attributes: 1000, texts: 200_000, textBytes: 256e6 } as const;
/** HDF5's numbers of kinds of values. */
const kinds = { float: 1, text: 3, opaque: 5 } as const;

/** Reads everything of a file but what training alone needs. Every size is looked at before memory is taken for it. */
export function readTree(h5: typeof H5, file: H5.File, task: Hdf5Task): Hdf5Group {
  const { Module } = h5;
  let [objects, becomes] = [0, 0];

  const readGroup = (path: string, depth: number): Hdf5Group => {
    if (depth > limits.depth) throw new Hdf5Problem(`its groups are nested deeper than ${limits.depth} levels`);
    const children = new Map<string, Hdf5Group | Hdf5Dataset>();
    for (const name of Module.get_names(file.file_id, path, false)) {
      const child = path === '/' ? `/${name}` : `${path}/${name}`;
      // The optimizer's state is as large as the model twice over, and nobody's here.
      if (depth === 0 && name.startsWith('optimizer')) continue;
      if (++objects > limits.objects) throw new Hdf5Problem(`it has more than ${limits.objects} groups and datasets`);
      Atomics.add(task.progress, 0, 1);
      refuseLinks(child);
      const type = Module.get_type(file.file_id, child);
      if (type === Module.H5G_GROUP) children.set(name, readGroup(child, depth + 1));
      else if (type === Module.H5G_DATASET) children.set(name, readDataset(child));
      else throw new Hdf5Problem(`${child} in it is damaged`);
    }
    return { attributes: readAttributes(path), children };
  };

  const linkOf = (path: string) => Module.get_symbolic_link(file.file_id, path) as unknown as string | null;

  const refuseLinks = (path: string): void => {
    const { filename } = Module.get_external_link(file.file_id, path) as { filename?: string };
    const target = filename ?? linkOf(path);
    if (target === null) return;
    throw new Hdf5Problem(`${path} in it is only a link to ${target}, and no model that Keras saved has one`);
  };

  const readDataset = (path: string): Hdf5Dataset => {
    const {
      shape,
      type,
      size,
      total_size: count,
      chunks,
      virtual_sources: sources,
    } = new h5.Dataset(file.file_id, path).metadata;
    if (sources !== undefined) throw new Hdf5Problem(`the values of ${path} are those of other files`);
    // HDF5 has no bfloat16: Python's libraries write it as two bytes of no kind.
    const isBrain = type === kinds.opaque && size === 2;
    if (shape === null || !(isBrain || (type === kinds.float && [2, 4, 8].includes(size))))
      return { shape: shape ?? [], data: undefined };
    const chunk = (chunks ?? []).reduce((product, side) => product * side, size);
    becomes += count * size;
    if (Math.max(becomes, chunk) > task.mayBecome) {
      const bytes = `${Math.round(Math.max(becomes, chunk) / 1e6)} MB, out of ${Math.ceil(task.size / 1e6)} MB on disk`;
      throw new Hdf5Problem(`with ${path} (${shape.join('×')}) it would become ${bytes}`);
    }
    const data = withMemory(count * size, path, (pointer, bytes) => {
      if (Module.get_dataset_data(file.file_id, path, null, null, null, BigInt(pointer)) < 0)
        throw new Hdf5Problem(`the values of ${path} cannot be read`);
      if (isBrain)
        return new Float32Array(Uint32Array.from(new Uint16Array(bytes(), 0, count), (bits) => bits << 16).buffer);
      if (size === 2) return Float32Array.from(new Uint16Array(bytes(), 0, count), half);
      return size === 4 ? new Float32Array(bytes()) : Float32Array.from(new Float64Array(bytes()));
    });
    return { shape, data };
  };

  const readAttributes = (path: string): Map<string, string | string[]> => {
    const names = Module.get_attribute_names(file.file_id, path);
    if (names.length > limits.attributes) throw new Hdf5Problem(`${path} has ${names.length} attributes`);
    const attributes = new Map<string, string | string[]>();
    for (const name of names) {
      const { shape, type, vlen, size, total_size: count } = Module.get_attribute_metadata(file.file_id, path, name);
      if (shape === null || type !== kinds.text) continue;
      if (count > limits.texts || size * count > Math.min(task.mayBecome, limits.textBytes))
        throw new Hdf5Problem(`the attribute ${name} of ${path} announces ${count} texts`);
      const texts = withMemory(size * count, `the attribute ${name}`, (pointer, bytes) => {
        if (Module.get_attribute_data(file.file_id, path, name, BigInt(pointer)) < 0)
          throw new Hdf5Problem(`the attribute ${name} of ${path} cannot be read`);
        const content = bytes();
        if (!vlen) return fixedTexts(content, size);
        return [...new Uint32Array(content)].map((at) => (at === 0 ? '' : Module.UTF8ToString(at)));
      });
      attributes.set(name, shape.length === 0 ? (texts[0] ?? '') : texts);
    }
    return attributes;
  };

  /** Zeroed memory of HDF5's own, and a way to copy it out. */
  function withMemory<T>(size: number, what: string, use: (pointer: number, bytes: () => ArrayBuffer) => T): T {
    // Zero bytes would be no memory at all.
    const pointer = (Module as unknown as { _malloc(size: number): number })._malloc(size + 8);
    if (pointer === 0)
      throw new Hdf5Problem(`${what} needs ${Math.round(size / 1e6)} MB, more than there may be taken`);
    try {
      Module.HEAPU8.fill(0, pointer, pointer + size);
      return use(pointer, () => Module.HEAPU8.slice(pointer, pointer + size).buffer);
    } finally {
      (Module as unknown as { _free(pointer: number): void })._free(pointer);
    }
  }

  return readGroup('/', 0);
}

/** The number that 16 bits stand for (IEEE 754). */
function half(bits: number): number {
  const [sign, exponent, fraction] = [bits & 0x8000 ? -1 : 1, (bits >> 10) & 0x1f, bits & 0x3ff];
  if (exponent === 0) return sign * 2 ** -14 * (fraction / 1024);
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return sign * 2 ** (exponent - 15) * (1 + fraction / 1024);
}

/** UTF-8, which Keras writes whatever the file says that it is. */
function fixedTexts(content: ArrayBuffer, size: number): string[] {
  const decoder = new TextDecoder();
  return Array.from({ length: Math.floor(content.byteLength / size) }, (_, i) => {
    const bytes = new Uint8Array(content, i * size, size);
    const end = bytes.indexOf(0);
    return decoder.decode(end === -1 ? bytes : bytes.subarray(0, end));
  });
}
