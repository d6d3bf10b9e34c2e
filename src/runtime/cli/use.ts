import { type Command, Option } from 'commander';

import { confusionTable, percent, shown, shownJson, shownLines, table, type Io } from './io.js';

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
    .action(async (directory: string, files: string[], { json }: { json?: boolean }) => {
      const { predictFiles } = await import('../export/predict-files.js');
      const predictions = await predictFiles(directory, files);
      if (json === true) io.out(shownJson(predictions, 2));
      else {
        const rows = predictions.flatMap(({ file, classes }) =>
          classes === undefined
            ? []
            : [[file, ...classes.slice(0, 3).map(({ name, probability }) => `${name} ${percent(probability)}`)]],
        );
        if (rows.length > 0) io.out(table(['picture', 'best', 'second', 'third'], rows));
        for (const { error } of predictions) if (error !== undefined) io.out(shown`${shownLines(error)}\n`);
      }
      if (predictions.every(({ error }) => error !== undefined)) process.exitCode = 1;
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
      const { path: file, largestDifference } = await exportModel(directory, to, out, { force });
      if (json === true) io.out(shownJson({ to, file, largestDifference }));
      else
        io.out(
          shown`Wrote ${file}, with ${to === 'onnx' ? 'examples in Python and JavaScript beside it' : 'an example in it'}. Loaded again, its probabilities differ from the model's by at most ${largestDifference.toExponential(1)}.\n`,
        );
    });
}

interface ExportOptions {
  readonly to: 'onnx' | 'tfjs';
  readonly out?: string;
  readonly force?: boolean;
  readonly json?: boolean;
}
