import { readFileSync } from 'node:fs';
import os from 'node:os';

/** What the system says of its memory, in bytes. */
export interface MemoryFacts {
  readonly platform: NodeJS.Platform;
  readonly total: number;
  readonly free: number;
  /** Contents of files of a Linux container's control group; undefined where there is none. */
  readonly group: (file: string) => string | undefined;
}

const thisMachine = (): MemoryFacts => ({
  platform: process.platform,
  total: os.totalmem(),
  free: os.freemem(),
  group: (file) => {
    try {
      return readFileSync(`/sys/fs/cgroup/${file}`, 'utf8');
    } catch {
      return undefined;
    }
  },
});

/**
 * Bytes that this process may still take: what is free, and in a container no more than what its limit leaves. Files that the
 * kernel keeps in memory count as free. macOS gives most of its memory to such files and reports it as taken: there, three
 * quarters of all memory.
 */
export function availableMemory({ platform, total, free, group }: MemoryFacts = thisMachine()): number {
  if (platform === 'darwin') return 0.75 * total;
  const limit = Number(group('memory.max') ?? group('memory/memory.limit_in_bytes'));
  const used = Number(group('memory.current') ?? group('memory/memory.usage_in_bytes'));
  // `max`, or no file: there is no limit.
  if (!Number.isFinite(limit) || !Number.isFinite(used)) return free;
  const files = /^(?:total_)?inactive_file (\d+)$/m.exec(group('memory.stat') ?? group('memory/memory.stat') ?? '');
  return Math.min(free, Math.max(0, limit - used + Number(files?.[1] ?? 0)));
}
