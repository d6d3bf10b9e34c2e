import type { Task } from '../../../protocol/index.js';
import { tasksIn } from '../table-task.js';
import type { TableOptions } from '../table-options.js';
import { readRecords } from './records.js';
import { textColumn } from './text-column.js';
import { readPieces } from './text-file.js';

/** What can be learnt from the labels of a table of texts, the likeliest first: by its first rows. */
export async function tasksOfTexts(file: string, { columns = {}, encoding }: TableOptions): Promise<readonly Task[]> {
  const isNamed = Object.values(columns)
    .flat()
    .some((column) => typeof column === 'string');
  return await readPieces(file, encoding, [], async ({ pieces }) => {
    const { sample } = await readRecords(file, pieces, { hasHeader: isNamed ? true : undefined });
    return tasksIn(sample, columns, textColumn);
  });
}
