import { readdirSync, readFileSync } from 'node:fs';

/** The highest memory that a process has taken, in bytes; 0 where the system does not tell, or it has ended. */
export function peakOf(pid: number | 'self'): number {
  try {
    const [, kilobytes = '0'] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Number(kilobytes) * 1024;
  } catch {
    return 0;
  }
}

/** Processes that a process of ours has started and that go on. */
export function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
      .trim()
      .split(' ')
      .filter((word) => word !== '')
      .map(Number);
  } catch {
    return [];
  }
}

/** How long threads of a process have been ready while others had the processors, in ms; nothing where the system does not tell. */
export function waitsOf(pid: number): Map<string, number> {
  const folder = `/proc/${pid}/task`;
  try {
    return new Map(
      readdirSync(folder).map((thread) => {
        const [, waited] = readFileSync(`${folder}/${thread}/schedstat`, 'utf8').split(' ');
        return [thread, Number(waited) / 1e6];
      }),
    );
  } catch {
    return new Map();
  }
}
