import path from 'node:path';

import type { SkippedFile } from '../../protocol/index.js';

/** Files that are left out for one reason. */
interface SkippedGroup {
  readonly reason: string;
  readonly files: readonly string[];
}

/** The most frequent reason first. What names its own file ("FILE cannot be used: …") is one reason all the same. */
export function groupedByReason(skipped: readonly SkippedFile[]): SkippedGroup[] {
  const groups = new Map<string, { reason: string; files: string[] }>();
  for (const { file, reason } of skipped) {
    const name = path.posix.basename(file);
    const at = reason.indexOf(name);
    const key = at === -1 ? reason : reason.slice(at + name.length);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { reason, files: [file] });
    else {
      group.files.push(file);
      // Without the one file that it named.
      group.reason = key.trim().replace(/^(cannot be used|is not a picture): /, '');
    }
  }
  return [...groups.values()].sort((a, b) => b.files.length - a.files.length);
}

/** What files are by their names: `5 svg, 3 pdf and 1 without an extension`. */
export function kindsOf(files: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const file of files) {
    const extension = path.extname(file).slice(1).toLowerCase();
    counts.set(extension, (counts.get(extension) ?? 0) + 1);
  }
  const kinds = [...counts].sort(([, a], [, b]) => b - a);
  return kinds
    .map(([extension, count]) => `${count} ${extension === '' ? 'without an extension' : extension}`)
    .join(', ')
    .replace(/, ([^,]*)$/, ' and $1');
}

const named = 3;

/** `5 svg: it is a drawing, … (photo/1.svg, photo/2.svg, photo/3.svg, …)`; of one file its name. */
export function groupText({ reason, files }: SkippedGroup): string {
  const [first = ''] = files;
  if (files.length === 1) return `${first}: ${reason}`;
  const names = files.slice(0, named).join(', ');
  return `${kindsOf(files)}: ${reason.replace(/\.$/, '')} (${names}${files.length > named ? ', …' : ''})`;
}
