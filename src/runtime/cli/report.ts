import path from 'node:path';

import type { Command } from 'commander';

import { counted } from '../../common/counted.js';
import { writeAtomic } from '../../common/files.js';
import { checkFree } from './free.js';
import { htmlReport } from '../report/html.js';
import { findRun } from '../../runs/read.js';
import { groupedByReason, groupText } from '../data/skipped.js';
import { picturesMeasured } from '../../words/index.js';
import {
  duration,
  figuresLine,
  figuresNotes,
  matrixTable,
  partsTable,
  percent,
  shown,
  shownJson,
  testLine,
  withIntervals,
  type Io,
} from './io.js';

/** Reasons for leaving files out that are shown. */
const shownReasons = 10;

export function registerReport(program: Command, io: Io): void {
  program
    .command('report')
    .description('show what a run has reached')
    .argument('<run>', 'its id, the beginning of it, its folder, or "latest"')
    .option('--html <file>', 'write a report that opens from disk')
    .option('--force', 'replace the file that is there')
    .option('--json', 'print report.json')
    .action(async (name: string, { html, json, force }: { html?: string; json?: boolean; force?: boolean }) => {
      if (html !== undefined) await checkFree(html, force);
      const run = await findRun(process.cwd(), name);
      const { reportContent } = await import('../report/content.js');
      const content = await reportContent(run);
      const { report } = content;
      if (html !== undefined) {
        await writeAtomic(path.resolve(html), htmlReport(content));
        io.out(shown`Wrote ${html}.\n`);
      } else if (json === true)
        io.out(
          shownJson(
            { ...withIntervals(report), ...(report.test === undefined ? {} : { test: withIntervals(report.test) }) },
            2,
          ),
        );
      else {
        io.out(
          shown`${report.technique} on ${report.base}, engine ${report.engine}, ${duration(report.timing.total)}\n`,
        );
        if (content.overrides.length > 0) io.out(shown`Instead of the script: ${content.overrides.join(' ')}\n`);
        io.out(shown`\n${matrixTable(report.classes, report)}\n${partsTable(report)}\n`);
        io.out(shown`Validation: ${figuresLine(report)} on ${counted(picturesMeasured(report), 'picture')}.\n`);
        if (report.test !== undefined) {
          const { test } = report;
          io.out(shown`\n${testLine(test)}\n${matrixTable(report.classes, test)}\n`);
        }
        io.out(figuresNotes(report));
        for (const file of content.splits) io.out(shown`Split: ${path.relative(process.cwd(), file)}\n`);
        for (const group of groupedByReason(report.skipped).slice(0, shownReasons))
          io.out(shown`Skipped ${groupText(group)}\n`);
        if (report.skipped.length > 0)
          io.out(
            shown`${counted(report.skipped.length, 'file was', 'files were')} skipped, each with its reason in ${path.join(path.relative(process.cwd(), run.folder), 'report.json')}\n`,
          );
        for (const { file, actual, predicted, confidence } of report.mistakes.slice(0, 5))
          io.out(
            shown`  ${file}: ${predicted}${confidence === undefined ? '' : ` (${percent(confidence)})`}, is ${actual}\n`,
          );
      }
    });
}
