import path from 'node:path';

import { GraftError } from '../../../common/errors.js';
import { sha256 } from '../../../common/hash.js';
import type { Task } from '../../../protocol/index.js';
import { labelsInCell, labelsInColumns, separatorIn } from '../label-cells.js';
import { checkLabels } from '../labels.js';
import { numberReader } from '../number-cells.js';
import type { Side } from '../split-words.js';
import { partsOf } from '../targets/label-sets.js';
import { textWords } from '../words.js';
import { textLines, type TextLine, type TextLines } from './lines.js';
import { hasWords, shortPiece } from './normal-text.js';
import type { TextTableFileOptions } from './options.js';
import type { FoundText, FoundTexts } from './types.js';

/**
 * Labelled texts of a table, not split yet: separated values, JSON Lines or an array in JSON, whatever the file is called. The file is read
 * piece by piece. The id of a text is the line that it begins in, `letters.csv#17`; of an array the object, counted from 1.
 *
 * @throws GraftError when the file cannot be read, nobody can tell which column is what, or a line has no label.
 */
export async function readTextTable(file: string, options: TextTableFileOptions = {}): Promise<FoundTexts> {
  const { task = 'classification' } = options;
  const lines = await textLines(file, options);
  const { table, skipped, notes } = lines;
  const { rows } = table;
  const labels = labelsOf(lines, task);
  const [location, name] = [path.resolve(file), path.basename(file)];
  const bySide: Record<Side | 'none', FoundText[]> = { train: [], validation: [], test: [], none: [] };
  const groups = new Map<string, string>();
  const warnings = [...lines.warnings];
  const wordless: FoundText[] = [];
  for (const [i, { line, text, group, split }] of rows.entries()) {
    const id = `${name}#${line}`;
    const one = { id, source: { path: location, text }, label: labels[i] ?? '', hash: sha256(text) };
    if (group !== undefined && group !== '') groups.set(id, group);
    bySide[split ?? 'none'].push(one);
    if (!hasWords(text)) wordless.push(one);
  }
  warnings.push(...sayWordless(wordless));
  if (rows.length === 0 && skipped.length === 0)
    throw new GraftError(`${file} holds no texts.`, { action: 'Add a line "text,label" for each text.' });
  const { train, validation, test, none } = bySide;
  return {
    ...{ words: textWords, layout: 'csv', task, directory: path.dirname(location), alikeMayDiffer: true },
    ...(task === 'regression' ? { names: table.columns } : {}),
    found: train.length === 0 ? none : [...train, ...none],
    ...(validation.length === 0 ? {} : { validation }),
    ...(test.length === 0 ? {} : { test }),
    ...{ groups, skipped, notes, warnings },
  };
}

/** The label of each line, as text. */
function labelsOf({ table, hasClassColumns, unit }: TextLines, task: Task): readonly string[] {
  const { file, columns, rows } = table;
  if (task === 'regression')
    return rows.map(
      numberReader(
        table,
        columns.map((_, i) => i),
      ),
    );
  if (hasClassColumns) return inClassColumns({ table, task });
  const [column = ''] = columns;
  const first = rows.map(({ cells }) => cells[0] ?? '');
  if (task === 'multi-label') {
    const indices = columns.map((_, i) => i);
    if (indices.length > 1) return rows.map((row) => labelsInColumns(table, row, indices));
    const separator = separatorIn(first);
    return first.map((cell) => labelsInCell(cell, separator));
  }
  const missing = rows.find(({ cells }) => (cells[0] ?? '') === '');
  if (missing !== undefined) throw noLabel(file, unit, missing, column);
  checkLabels(
    file,
    column,
    rows.map(({ line }, i) => ({ line, label: first[i] ?? '' })),
    textWords,
  );
  return first;
}

function inClassColumns({ table, task }: Pick<TextLines, 'table'> & { readonly task: Task }): readonly string[] {
  const indices = table.columns.map((_, i) => i);
  return table.rows.map((row) => {
    const label = labelsInColumns(table, row, indices);
    if (task === 'multi-label' || partsOf(label).length === 1) return label;
    throw new GraftError(
      `${table.file}, line ${row.line}: of the columns ${table.columns.slice(0, 6).join(', ')}, ${partsOf(label).length} are 1, and a text has one class here.`,
      {
        action: "If a text may have several, or none, say task: 'multi-label'. Leave one 1 in each line otherwise.",
      },
    );
  });
}

function noLabel(file: string, unit: string, { line, text }: TextLine, column: string): GraftError {
  return new GraftError(`${file}, ${unit} ${line}, column ${column} is empty: "${shortPiece(text)}" has no label.`, {
    action: "Fill it in, or take the line out; if a text may have none, say task: 'multi-label'.",
  });
}

/** Of texts without a letter or a digit. */
export function sayWordless(texts: readonly FoundText[]): string[] {
  const [first] = texts;
  if (first === undefined) return [];
  const are = texts.length === 1 ? '1 text has' : `${texts.length} texts have`;
  return [`${are} neither a letter nor a digit, ${first.id} for instance: "${shortPiece(first.source.text)}".`];
}
