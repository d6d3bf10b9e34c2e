import path from 'node:path';

import type { Command } from 'commander';

import { writeAtomic } from '../files.js';
import { htmlReport } from '../report/html.js';
import { findRun } from '../runs/read.js';
import { confusionTable, duration, percent, shown, shownJson, table, testLine, type Io } from './io.js';

export function registerReport(program: Command, io: Io): void {
  program
    .command('report')
    .description('show what a run has reached')
    .argument('<run>', 'its id, the beginning of it, its folder, or "latest"')
    .option('--html <file>', 'write a report that opens from disk')
    .option('--json', 'print report.json')
    .action(async (name: string, { html, json }: { html?: string; json?: boolean }) => {
      const run = await findRun(process.cwd(), name);
      const { reportContent } = await import('../report/content.js');
      const content = await reportContent(run);
      const { report } = content;
      if (html !== undefined) {
        await writeAtomic(path.resolve(html), htmlReport(content));
        io.out(shown`Wrote ${html}.\n`);
      } else if (json === true) io.out(shownJson(report, 2));
      else {
        const rows = report.perClass.map(({ name: label, precision, recall, f1, support }) => [
          label,
          percent(precision),
          percent(recall),
          f1.toFixed(3),
          String(support),
        ]);
        io.out(
          shown`${report.technique} on ${report.base}, engine ${report.engine}, ${duration(report.timing.total)}\n`,
        );
        if (content.overrides.length > 0) io.out(shown`Instead of the script: ${content.overrides.join(' ')}\n`);
        io.out(shown`\n`);
        io.out(
          shown`${confusionTable(report.classes, report.confusion)}\n${table(['class', 'precision', 'recall', 'F1', 'pictures'], rows)}\n`,
        );
        io.out(
          shown`Accuracy ${percent(report.metrics.accuracy)}, macro F1 ${report.metrics.macroF1.toFixed(3)}, loss ${report.metrics.loss.toFixed(4)}\n`,
        );
        if (report.test !== undefined) {
          const { test } = report;
          io.out(shown`\n${testLine(test)}\n${confusionTable(report.classes, test.confusion)}\n`);
        }
        for (const { file, actual, predicted, confidence } of report.mistakes.slice(0, 5))
          io.out(shown`  ${file}: ${predicted} (${percent(confidence)}), is ${actual}\n`);
      }
    });
}
