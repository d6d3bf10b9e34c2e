import path from 'node:path';

import { type Command, Option } from 'commander';

import type { ModelEvaluation } from '../../protocol/index.js';
import { measureName, seenText } from '../../words/index.js';
import { counted } from '../../common/counted.js';
import { exitCode } from '../../common/errors.js';
import { writeAtomic } from '../../common/files.js';
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
  readonly json?: boolean;
  readonly csv?: string;
  readonly force?: boolean;
}

/** evaluate, predict, export: what a saved model is for. */
export function registerUse(program: Command, io: Io): void {
  program
    .command('evaluate')
    .description('measure a saved model on labelled pictures')
    .argument('<model>', 'the folder of a saved model')
    .requiredOption('--data <folder>', 'labelled pictures')
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
    .description('say what is on pictures')
    .argument('<model>', 'the folder of a saved model')
    .argument('<file...>', 'pictures, or folders of pictures')
    .option('--json', 'print JSON')
    .option('--csv <file>', 'write a table with the probability of each class, or with the numbers')
    .option('--force', 'replace the table that is there')
    .action(async (directory: string, files: string[], { json, csv, force }: PredictOptions) => {
      if (csv !== undefined) await checkFree(csv, force);
      const { predictFiles } = await import('../export/predict-files.js');
      const predictions = await predictFiles(directory, files);
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

interface ExportOptions {
  readonly to: 'onnx' | 'tfjs';
  readonly out?: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

/** The figures that say how the model does on pictures that it does not know come first. */
function evaluationText(result: ModelEvaluation): Shown {
  const { t, numbers } = english;
  const seen = seenText(t, numbers, result);
  const first = result.measure ?? result;
  const lines = [
    ...(result.measure === undefined
      ? []
      : [
          shown`${measureName(t, numbers, result.measure)}: ${figuresLine(result.measure)}.\n${weightNote(result.measure)}`,
        ]),
    ...(first.images === result.images && result.measure !== undefined
      ? []
      : [
          shown`${result.images === 1 ? 'One picture' : `All ${result.images} pictures`}: ${figuresLine(result)}.\n${weightNote(result)}`,
        ]),
  ];
  const tables = shown`${matrixTable(result.classes, first)}\n${partsTable(first)}\n`;
  return shown`${tables}${seen === undefined ? '' : shown`${seen}\n`}${lines}${bracketsNote(first)}`;
}
