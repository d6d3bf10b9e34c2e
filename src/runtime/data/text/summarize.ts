import { stat } from 'node:fs/promises';

import { countsOf } from '../labels.js';
import type { DataSummary } from '../summary.js';
import type { TableOptions } from '../table-options.js';
import { targets } from '../targets/index.js';
import { findTexts } from './detect.js';
import { tasksOfTexts } from './tasks.js';

/** How the texts under a path are labelled. */
export type TextLayout =
  | { readonly kind: 'folder'; readonly directory: string }
  /** `file`: the table, or the folder that holds it, or one for each side of the split. */
  | { readonly kind: 'csv'; readonly file: string; readonly inFolder: boolean };

export interface TextSummary extends DataSummary {
  readonly kind: 'text';
  readonly layout: TextLayout;
}

/**
 * Classes and counts of labelled texts, for pickers and scripts.
 *
 * @throws GraftError as the readers of texts.
 */
export async function summarizeTexts(location: string, options: TableOptions = {}): Promise<TextSummary> {
  const isFolder = await stat(location).then(
    (entry) => entry.isDirectory(),
    () => false,
  );
  const possible = isFolder || options.task !== undefined ? [] : await tasksOfTexts(location, options);
  const [likeliest] = possible;
  const data = await findTexts(location, likeliest === undefined ? options : { ...options, task: likeliest });
  const { task, notes } = data;
  const target = targets[task];
  const all = [...data.found, ...(data.validation ?? []), ...(data.test ?? [])];
  const said = [...notes];
  const spelled = target.spelling(
    all.map(({ label }) => label),
    said,
  );
  const labels = all.map(({ label }) => spelled.get(label) ?? label);
  const names = target.names(labels, data.names);
  const problem = target.problem(names, data);
  if (problem !== undefined) throw problem;
  const counts = countsOf(task === 'multi-label' ? labels.flatMap((label) => target.names([label])) : labels);
  const labelOf = target.labeller(names);
  const numbers = target.ranges?.(
    labels.flatMap((label) => [labelOf(label) ?? []]),
    names,
  );
  return {
    kind: 'text',
    layout:
      data.layout === 'folder'
        ? { kind: 'folder', directory: location }
        : { kind: 'csv', file: location, inFolder: isFolder },
    task,
    tasks: possible.length === 0 ? [task] : possible,
    ...(numbers === undefined ? {} : { numbers }),
    count: all.length,
    classes: task === 'regression' ? [] : names.map((name) => ({ name, count: counts.get(name) ?? 0 })),
    notes: said,
    ownValidation: data.validation !== undefined,
    nested: false,
  };
}
