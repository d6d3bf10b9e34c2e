import { randomBytes } from 'node:crypto';
import { lstat, mkdir, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';

import { writeAtomic } from '../../../common/files.js';
import { processRuns } from '../../../runs/process/identity.js';
import { readJsonFile } from '../../../common/read-file.js';

/** What is known of the file that a part belongs to. */
interface PartSource {
  readonly url: string;
  /** Its ETag or date, for If-Range; undefined where the server gives neither. */
  readonly validator: string | undefined;
  /** Bytes of the whole; undefined where the server does not say. */
  readonly total: number | undefined;
}

/**
 * What has arrived of a download: a folder with the content and what it is a part of, so that both move as one. While somebody
 * works on it, it is called `FILE.PROCESS-NUMBER.part`, and `FILE.part` when it waits to be continued. Renaming takes it: of
 * several downloads at once one continues it, and the others begin anew.
 */
export class Part {
  private constructor(private readonly folder: string) {}

  get file(): string {
    return path.join(this.folder, 'content');
  }

  /** One that waits for `target`, or that an ended process has left, else an empty one. */
  static async claim(target: string): Promise<Part> {
    const part = new Part(`${target}.${process.pid}-${randomBytes(4).toString('hex')}.part`);
    for (const candidate of await leftParts(target)) {
      const isTaken = await rename(candidate, part.folder).then(
        () => true,
        () => false,
      );
      if (!isTaken) continue;
      if (await part.#isSound()) return part;
      await part.remove();
    }
    await mkdir(part.folder);
    return part;
  }

  /** Bytes that have arrived. */
  async size(): Promise<number> {
    return await lstat(this.file).then(
      ({ size }) => size,
      () => 0,
    );
  }

  async source(): Promise<PartSource | undefined> {
    const value = await readJsonFile(this.#sourceFile, 65_536).catch(() => undefined);
    if (typeof value !== 'object' || value === null) return undefined;
    const { url, validator, total } = value as Record<string, unknown>;
    if (typeof url !== 'string') return undefined;
    return {
      url,
      validator: typeof validator === 'string' ? validator : undefined,
      total: Number.isSafeInteger(total) ? Number(total) : undefined,
    };
  }

  /** Begins anew, with a file of which this is known. */
  async begin(source: PartSource): Promise<void> {
    await this.clear();
    await writeAtomic(this.#sourceFile, JSON.stringify(source));
  }

  async clear(): Promise<void> {
    await rm(this.file, { force: true });
    await rm(this.#sourceFile, { force: true });
  }

  /** Leaves it to whoever continues; nothing where nothing has arrived, or another one waits already. */
  async leave(target: string): Promise<void> {
    const isWorth = (await this.size()) > 0 && (await this.source()) !== undefined;
    if (isWorth) await rename(this.folder, waiting(target)).catch(() => undefined);
    await this.remove();
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  get #sourceFile(): string {
    return path.join(this.folder, 'source.json');
  }

  /** What lies there may be anything: older versions had files of this name. */
  async #isSound(): Promise<boolean> {
    if (!(await lstat(this.folder)).isDirectory()) return false;
    const content = await lstat(this.file).catch(() => undefined);
    return content?.isFile() === true && (await this.source()) !== undefined;
  }
}

/** Removes what nobody will continue. */
export async function removeLeftParts(target: string): Promise<void> {
  for (const folder of await leftParts(target)) await rm(folder, { recursive: true, force: true });
}

function waiting(target: string): string {
  return `${target}.part`;
}

/** Parts of `target` that no running process works on. */
async function leftParts(target: string): Promise<string[]> {
  const prefix = `${path.basename(target)}.`;
  const names = await readdir(path.dirname(target));
  const left: string[] = [];
  for (const name of names) {
    if (!name.startsWith(prefix)) continue;
    const [, pid] = /^(\d+)-[\da-f]{8}\.part$/.exec(name.slice(prefix.length)) ?? [];
    if (pid !== undefined && !(await processRuns(Number(pid)))) left.push(name);
  }
  return [waiting(target), ...left.map((name) => path.join(path.dirname(target), name))];
}
