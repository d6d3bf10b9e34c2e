import path from 'node:path';
import { Worker } from 'node:worker_threads';

import { availableMemory } from '../../../../common/available-memory.js';
import { GraftError } from '../../../../common/errors.js';
import { packageFolder } from '../../../../common/package-folder.js';
import { openRegularFile } from '../../../../common/read-file.js';
import type { Hdf5Answer, Hdf5Group, Hdf5Task } from './types.js';

/** Weights hardly compress; those that were never trained are zeros, and small. */
const growth = { factor: 32, floor: 64e6 } as const;
/** Seconds of work without any progress after which a file leads HDF5 in circles; and those that the thread may take to begin. */
const patience = { going: 10, starting: 60 } as const;

/**
 * Reads an HDF5 file whole, without its optimizer's state, in a thread of its own (worker.ts).
 *
 * @param content its bytes, where they are not those of `file` (a part of an archive); they are handed over.
 * @throws GraftError that names the file, whatever is wrong with it.
 */
export async function readHdf5(file: string, content?: Buffer): Promise<Hdf5Group> {
  const handle = content === undefined ? await openRegularFile(file) : undefined;
  try {
    const size = content?.length ?? (await handle?.stat())?.size ?? 0;
    const answer = await inThread({
      source: content === undefined ? { fd: handle?.fd ?? -1 } : { bytes: content },
      size,
      mayBecome: Math.min(Math.max(growth.floor, growth.factor * size), availableMemory()),
      // Its tables, the largest dataset, and that as it is on disk.
      heap: 256e6 + 4 * size,
      progress: new Int32Array(new SharedArrayBuffer(4)),
    });
    if ('problem' in answer) {
      throw new GraftError(`${file} is not a whole Keras file: ${answer.problem}.`, {
        action: 'It is damaged or cut off: download or copy it again.',
        ...(answer.detail === undefined ? {} : { cause: new Error(answer.detail) }),
      });
    }
    return answer.root;
  } finally {
    await handle?.close();
  }
}

function inThread(task: Hdf5Task): Promise<Hdf5Answer> {
  const worker = new Worker(path.join(packageFolder(), 'dist/hdf5.js'), {
    workerData: task,
    transferList:
      'bytes' in task.source && ownsBuffer(task.source.bytes) ? [task.source.bytes.buffer as ArrayBuffer] : [],
    stdout: true,
    stderr: true,
  });
  let [seen, still, spent] = [0, 0, secondsSpent()];
  let timer: NodeJS.Timeout | undefined;
  return new Promise<Hdf5Answer>((resolve, reject) => {
    timer = setInterval(() => {
      const now = Atomics.load(task.progress, 0);
      const total = secondsSpent();
      // Where others have the processors, or the disk is slow, little was done in this second.
      const worked = Math.min(Math.max(total - spent, 0.1), 1);
      still = now === seen ? still + worked : 0;
      [seen, spent] = [now, total];
      if (still >= (now === 0 ? patience.starting : patience.going))
        resolve({ problem: 'its structure leads in circles' });
    }, 1000);
    worker.once('message', (answer: Hdf5Answer) => {
      resolve(answer);
    });
    worker.once('error', (error: Error & { code?: string }) => {
      if (error.code?.endsWith('MODULE_NOT_FOUND') === true) reject(error);
      else resolve({ problem: 'HDF5 stumbles over its structure', detail: error.message });
    });
    worker.once('exit', () => {
      resolve({ problem: 'HDF5 stumbles over its structure' });
    });
  }).finally(() => {
    clearInterval(timer);
    void worker.terminate();
  });
}

/** Of processor time, by all threads of this process. */
function secondsSpent(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** Whether nothing else lies in the same memory, as small buffers of Node do. */
function ownsBuffer({ byteLength, buffer }: Uint8Array): boolean {
  return buffer.byteLength === byteLength;
}
