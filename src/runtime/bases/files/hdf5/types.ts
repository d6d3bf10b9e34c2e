/** A group of an HDF5 file, read whole. */
export interface Hdf5Group {
  /** Texts and lists of texts; other attributes are left out. */
  readonly attributes: ReadonlyMap<string, string | readonly string[]>;
  readonly children: ReadonlyMap<string, Hdf5Group | Hdf5Dataset>;
}

export interface Hdf5Dataset {
  readonly shape: readonly number[];
  /** Its numbers; undefined where it does not hold floating-point ones. */
  readonly data: Float32Array | undefined;
}

/** What the thread is given that reads. */
export interface Hdf5Task {
  readonly source: { readonly fd: number } | { readonly bytes: Uint8Array };
  /** Bytes of the file. */
  readonly size: number;
  /** Bytes that all values in the file may become. */
  readonly mayBecome: number;
  /** Bytes that HDF5 itself may take. */
  readonly heap: number;
  /** One number that grows while there is progress. */
  readonly progress: Int32Array;
}

/** `detail` is what HDF5 said, for the log. */
export type Hdf5Answer = { readonly root: Hdf5Group } | { readonly problem: string; readonly detail?: string };

/** A problem in words for people; any other error is HDF5's own. */
export class Hdf5Problem extends Error {}

/** Numbers in all datasets. */
export function countValues({ children }: Hdf5Group): number {
  let count = 0;
  for (const child of children.values()) count += isDataset(child) ? (child.data?.length ?? 0) : countValues(child);
  return count;
}

export function isDataset(entry: Hdf5Group | Hdf5Dataset): entry is Hdf5Dataset {
  return 'shape' in entry;
}
