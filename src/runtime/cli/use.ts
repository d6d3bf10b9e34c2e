import path from 'node:path';

import { type Command, Option } from 'commander';

import type { ModelEvaluation, Prediction } from '../../protocol/index.js';
import { about, measureName, seenText } from '../../words/index.js';
import { counted } from '../../common/counted.js';
import { exitCode } from '../../common/errors.js';
import { writeAtomic } from '../../common/files.js';
import { kindWords } from '../data/words.js';
import { checkFree } from './free.js';
import {
  bracketsNote,
  english,
  figuresLine,
  matrixTable,
  partsTable,
  shown,
  shownJson,
  shownLines,
  weightNote,
  withIntervals,
  type Io,
  type Shown,
} from './io.js';
import { predictionsCsv, predictionsTable } from './predictions.js';

interface PredictOptions {
  readonly text?: readonly string[];
  readonly data?: string;
  readonly column?: string;
  readonly json?: boolean;
  readonly csv?: string;
  readonly force?: boolean;
}

/** evaluate, predict, export: what a saved model is for. */
export function registerUse(program: Command, io: Io): void {
  program
    .command('evaluate')
    .description('measure a saved model on labelled examples')
    .argument('<model>', 'the folder of a saved model')
    .requiredOption('--data <path>', 'labelled examples of its kind: a folder, a table, IDX files')
    .option('--json', 'print JSON')
    .action(async (directory: string, { data, json }: { data: string; json?: boolean }) => {
      const [{ evaluateModel }, { withModel }] = await Promise.all([
        import('../evaluate/evaluate-model.js'),
        import('../export/saved-model.js'),
      ]);
      const result = await withModel(directory, (trained) => evaluateModel(trained, data));
      if (json === true) {
        const { measure, ...all } = result;
        io.out(shownJson({ ...(measure && { measure: withIntervals(measure) }), ...withIntervals(all) }, 2));
        return;
      }
      io.out(evaluationText(result));
      if (result.skipped.length > 0)
        io.error(
          shown`${counted(result.skipped.length, 'file was', 'files were')} skipped. ${result.skipped.length === 1 ? '' : 'The first, '}${result.skipped[0]?.file ?? ''}: ${result.skipped[0]?.reason ?? ''}\n`,
        );
    });

  program
    .command('predict')
    .description('say what pictures or texts are')
    .argument('<model>', 'the folder of a saved model')
    .argument('[file...]', 'files of its kind, or folders of them')
    .option('--text <text...>', 'texts themselves')
    .option('--data <file>', 'a table with a text in each line')
    .option('--column <name>', 'its column of texts, by name or number; default guessed')
    .option('--json', 'print JSON')
    .option('--csv <file>', 'write a table with the probability of each class, or with the numbers')
    .option('--force', 'replace the table that is there')
    .action(async (directory: string, files: string[], options: PredictOptions, command: Command) => {
      const { json, csv, force } = options;
      const given = [files.length > 0, options.text !== undefined, options.data !== undefined];
      if (given.filter(Boolean).length !== 1)
        command.error('error: give files, or --text with texts, or --data with a table of texts.');
      if (csv !== undefined) await checkFree(csv, force);
      const predictions = await predicted(directory, files, options);
      if (csv !== undefined) {
        await writeAtomic(path.resolve(csv), predictionsCsv(predictions));
        io.error(shown`Wrote ${csv}.\n`);
      }
      if (json === true) io.out(shownJson(predictions, 2));
      else if (csv === undefined) io.out(predictionsTable(predictions, io));
      const bad = predictions.filter(({ error }) => error !== undefined);
      if (bad.length === 0) return;
      if (json !== true) for (const { error = '' } of bad) io.error(shown`${shownLines(error)}\n`);
      process.exitCode = exitCode.failed;
    });

  program
    .command('export')
    .description('write a saved model for use elsewhere; the file is loaded again and compared before it is done')
    .argument('<model>', 'the folder of a saved model')
    .addOption(new Option('--to <format>', 'what to write').choices(['onnx', 'tfjs']).makeOptionMandatory())
    .option('--out <path>', 'default: exports/MODEL.onnx or exports/MODEL-tfjs')
    .option('--force', 'replace an older export there')
    .option('--json', 'print JSON')
    .action(async (directory: string, { to, out, force, json }: ExportOptions) => {
      const { exportModel } = await import('../export/export-model.js');
      const { path: file, largestDifference, outputName } = await exportModel(directory, to, out, { force });
      if (json === true) io.out(shownJson({ to, file, largestDifference }));
      else
        io.out(
          shown`Wrote ${file}, with ${to === 'onnx' ? 'examples in Python and JavaScript beside it' : 'an example in it'}. Loaded again, its ${outputName} differ from the model's by at most ${largestDifference.toExponential(1)}.\n`,
        );
    });
}

/** Of files, of texts as they were typed, or of those of a table. */
async function predicted(
  directory: string,
  files: readonly string[],
  { text, data, column }: PredictOptions,
): Promise<readonly Prediction[]> {
  if (text === undefined && data === undefined) {
    const { predictFiles } = await import('../export/predict-files.js');
    return await predictFiles(directory, files);
  }
  const [{ predictTexts }, { textsInColumn }] = await Promise.all([
    import('../export/predict-texts.js'),
    import('../data/text/column.js'),
  ]);
  const texts = data === undefined ? (text ?? []).map(named) : await textsInColumn(data, column);
  const predictions: Prediction[] = [];
  for await (const one of predictTexts(directory, texts)) predictions.push(one);
  return predictions;
}

/** Texts that were typed have no names of their own. */
const named = (text: string, i: number) => ({ name: `text ${i + 1}`, text });

interface ExportOptions {
  readonly to: 'onnx' | 'tfjs';
  readonly out?: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

/** The figures that say how the model does on pictures that it does not know come first. */
function evaluationText(result: ModelEvaluation): Shown {
  const { kind = 'image' } = result;
  const words = kindWords[kind];
  const { numbers } = english;
  const t = about(english.t, kind);
  const seen = seenText(t, numbers, result);
  const first = result.measure ?? result;
  const lines = [
    ...(result.measure === undefined
      ? []
      : [
          shown`${measureName(t, numbers, result.measure)}: ${figuresLine(result.measure)}.\n${weightNote(result.measure, kind)}`,
        ]),
    ...(first.images === result.images && result.measure !== undefined
      ? []
      : [
          shown`${result.images === 1 ? `One ${words.one}` : `All ${result.images} ${words.many}`}: ${figuresLine(result)}.\n${weightNote(result, kind)}`,
        ]),
  ];
  const tables = shown`${matrixTable(result.classes, first)}\n${partsTable(first, kind)}\n`;
  return shown`${tables}${seen === undefined ? '' : shown`${seen}\n`}${lines}${bracketsNote(first)}`;
}
