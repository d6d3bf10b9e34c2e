import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';

import { openRegularFile } from './read-file.js';

type Parts = readonly (string | Uint8Array)[];

/** SHA-256 of the parts, one after the other: 32 bytes. */
export function sha256Bytes(...parts: Parts): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** The same as 64 hexadecimal digits. */
export function sha256(...parts: Parts): string {
  return sha256Bytes(...parts).toString('hex');
}

/** The hex digests of a file, read once. @throws GraftError when it is no regular file. */
export async function digestsOf(file: string, algorithms: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const handle = await openRegularFile(file);
  const hashes = [...new Set(algorithms)].map((name) => [name, createHash(name)] as const);
  // The stream closes the handle.
  await pipeline(handle.createReadStream({ highWaterMark: 1 << 20 }), async (chunks: AsyncIterable<Buffer>) => {
    for await (const chunk of chunks) for (const [, hash] of hashes) hash.update(chunk);
  });
  return new Map(hashes.map(([name, hash]) => [name, hash.digest('hex')]));
}

/** SHA-256 of a file's content, as hexadecimal digits. @throws GraftError when it is no regular file. */
export async function fileHash(file: string): Promise<string> {
  return (await digestsOf(file, ['sha256'])).get('sha256') ?? '';
}
