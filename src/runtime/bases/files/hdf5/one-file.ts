import { readSync } from 'node:fs';

import type { Hdf5Task } from './types.js';

/** The only path there is, for HDF5. */
export const onlyPath = '/model.h5';
/** Bytes at a time, so that a slow disk shows progress; HDF5 asks for the rest. */
const maxAtOnce = 4 << 20;
/** Metadata is read more than once, values once. */
const maxReads = 8;
/** Numbers of errors, as the C library of HDF5 knows them. */
const [noEntry, ioError, readOnly] = [44, 29, 69];

interface Stream {
  readonly fd: number;
  position: number;
}
interface FileSystem {
  ErrnoError: new (code: number) => Error;
  createStream(stream: object): Stream;
  [name: string]: unknown;
}

/**
 * Replaces the file system that HDF5 sees (by default this machine's) by one that holds a single file, which cannot be written. So no
 * link, external storage, virtual dataset or filter named in a file leads to another file.
 */
export function showOneFile(fileSystem: object, { source, size, progress }: Hdf5Task): void {
  const FS = fileSystem as FileSystem;
  let read = 0;
  const facts = {
    dev: 1,
    ino: 1,
    nlink: 1,
    uid: 0,
    gid: 0,
    rdev: 0,
    mode: 0o100444,
    size,
    blocks: Math.ceil(size / 512),
  };
  const epoch = new Date(0);
  const stat = { ...facts, atime: epoch, mtime: epoch, ctime: epoch };
  const fail = (code: number): never => {
    throw new FS.ErrnoError(code);
  };
  const only = (path: unknown) => (path === onlyPath ? stat : fail(noEntry));

  for (const [name, value] of Object.entries(FS))
    if (
      typeof value === 'function' &&
      /^(chdir|mk|symlink|rename|rm|unlink|f?ch|truncate|ftruncate|utime|mmap|msync)/.test(name)
    )
      FS[name] = () => fail(readOnly);
  for (const name of ['readdir', 'readlink', 'lookup', 'lookupPath', 'statfs']) FS[name] = () => fail(noEntry);
  FS['cwd'] = () => '/';
  FS['stat'] = only;
  FS['lstat'] = only;
  FS['fstat'] = () => stat;
  FS['open'] = (path: unknown) => {
    only(path);
    const node = { id: 1, mode: stat.mode };
    return FS.createStream({ nfd: -1, position: 0, path: onlyPath, flags: 0, node, seekable: true });
  };
  FS['close'] = () => undefined;
  FS['llseek'] = (stream: Stream, offset: number, whence: number) => {
    stream.position = offset + (whence === 1 ? stream.position : whence === 2 ? size : 0);
    return stream.position;
  };
  FS['read'] = (stream: Stream, buffer: Int8Array, offset: number, length: number, position?: number) => {
    const at = position ?? stream.position;
    const wanted = Math.max(0, Math.min(length, size - at, maxAtOnce));
    read += wanted;
    if (at < 0 || read > maxReads * size + 64e6) fail(ioError);
    Atomics.add(progress, 0, 1);
    if (wanted === 0) return 0;
    let count = wanted;
    if ('fd' in source) count = readSync(source.fd, buffer, offset, wanted, at);
    else buffer.set(source.bytes.subarray(at, at + wanted), offset);
    if (position === undefined) stream.position += count;
    return count;
  };
  // What HDF5 has to say about errors, on its standard error.
  FS['write'] = (_stream: Stream, _buffer: Int8Array, _offset: number, length: number) => length;
}
