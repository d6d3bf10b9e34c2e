import path from 'node:path';

import { type Command, Option } from 'commander';

import { exitCode } from '../errors.js';
import { writeAtomic } from '../files.js';
import { confusionTable, percent, shown, shownJson, shownLines, table, type Io } from './io.js';
import { predictionsCsv, predictionsTable } from './predictions.js';

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
        const { metrics, perClass, confusion, classes, images, skipped } = result;
        io.out(shownJson({ images, metrics, classes, perClass, confusion, skipped }, 2));
        return;
      }
      const rows = result.perClass.map(({ name, precision, recall, f1, support }) => [
        name,
        percent(precision),
        percent(recall),
        f1.toFixed(3),
        String(support),
      ]);
      io.out(
        shown`${confusionTable(result.classes, result.confusion)}\n${table(['class', 'precision', 'recall', 'F1', 'pictures'], rows)}\n`,
      );
      io.out(
        shown`Accuracy ${percent(result.metrics.accuracy)}, macro F1 ${result.metrics.macroF1.toFixed(3)}, loss ${result.metrics.loss.toFixed(4)} on ${result.images} pictures.\n`,
      );
      if (result.skipped.length > 0)
        io.error(
          shown`${result.skipped.length} files were skipped, the first: ${result.skipped[0]?.file ?? ''}: ${result.skipped[0]?.reason ?? ''}\n`,
        );
    });

  program
    .command('predict')
    .description('say what is on pictures')
    .argument('<model>', 'the folder of a saved model')
    .argument('<file...>', 'pictures, or folders of pictures')
    .option('--json', 'print JSON')
    .option('--csv <file>', 'write a table with the probability of each class')
    .action(async (directory: string, files: string[], { json, csv }: { json?: boolean; csv?: string }) => {
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
    .option('--out <path>', 'default: MODEL.onnx or MODEL-tfjs beside the model')
    .option('--json', 'print JSON')
    .action(async (directory: string, { to, out, json }: { to: 'onnx' | 'tfjs'; out?: string; json?: boolean }) => {
      const { exportModel } = await import('../export/export-model.js');
      const { path: file, largestDifference } = await exportModel(directory, to, out);
      if (json === true) io.out(shownJson({ to, file, largestDifference }));
      else
        io.out(
          shown`Wrote ${file}. Loaded again, its probabilities differ from the model's by at most ${largestDifference.toExponential(1)}.\n`,
        );
    });
}
