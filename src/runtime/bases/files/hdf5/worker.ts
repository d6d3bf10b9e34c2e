/**
 * Reads one HDF5 file in a thread of its own: HDF5 is a C library, and a damaged file may trap it, lead it in circles or make it take
 * memory; all of that ends with the thread, and leaves nothing behind.
 *
 * new Worker('dist/hdf5.js', { workerData: Hdf5Task })
 */
import { parentPort, workerData } from 'node:worker_threads';

import { limitMemory } from '../../../../common/wasm-memory.js';
import { onlyPath, showOneFile } from './one-file.js';
import { readTree } from './tree.js';
import { Hdf5Problem, isDataset, type Hdf5Answer, type Hdf5Group, type Hdf5Task } from './types.js';

const task = workerData as Hdf5Task;

// HDF5 takes the error as any memory that there is not.
limitMemory(() => task.heap);

async function read(): Promise<Hdf5Answer> {
  const h5 = await import('h5wasm/node');
  await h5.ready;
  Atomics.add(task.progress, 0, 1);
  showOneFile(h5.Module.FS, task);
  try {
    const file = new h5.File(onlyPath, 'r');
    if (file.file_id <= 0n) return { problem: 'HDF5 does not open it' };
    return { root: readTree(h5, file, task) };
  } catch (error) {
    if (error instanceof Hdf5Problem) return { problem: error.message };
    return { problem: 'HDF5 stumbles over its structure', detail: String(error) };
  }
}

function buffersOf({ children }: Hdf5Group): ArrayBuffer[] {
  return [...children.values()].flatMap((child) => {
    if (!isDataset(child)) return buffersOf(child);
    return child.data === undefined ? [] : [child.data.buffer as ArrayBuffer];
  });
}

const answer = await read();
parentPort?.postMessage(answer, 'root' in answer ? buffersOf(answer.root) : []);
