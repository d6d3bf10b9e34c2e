import path from 'node:path';

import type { EngineName, EpochRecord, RunReport, SkippedFile, Task } from '../../protocol/index.js';
import type { Dataset } from '../data/types.js';
import { saveTrained } from '../export/saved-model.js';
import type { TrainedModel } from '../export/types.js';
import { writeAtomic } from '../../common/files.js';
import type { Run } from '../run/run.js';
import { taskDefinitions } from '../tasks/index.js';
import { doubts } from './doubts.js';
import type { Unreadable } from './prefix-pass.js';
import type { Evaluated } from './evaluated.js';

export interface FitResult<T extends Task = 'classification'> {
  /** The model of the best epoch, ready for `saveModel`. */
  readonly best: TrainedModel<T>;
  readonly report: RunReport<T>;
  /** The run's folder. */
  readonly folder: string;
}

interface Finished extends Evaluated {
  readonly trained: TrainedModel;
  readonly data: Dataset;
  readonly engine: EngineName;
  readonly history: readonly EpochRecord[];
  readonly unreadable: readonly Unreadable[];
  /** What the model says about the test set, where there is one. */
  readonly test?: Evaluated;
}

const maximumMistakes = 200;

/** Saves the model into the run's folder and writes `report.json`: what every training ends with. */
export async function finishTraining(run: Run, finished: Finished): Promise<FitResult<Task>> {
  const { trained, data, outputs, test } = finished;
  const task = taskDefinitions[data.task];
  const modelHash = await run.phase('save', undefined, () => saveTrained(trained, path.join(run.folder, 'model')));
  const { timing } = run;
  const report: RunReport = {
    status: 'done',
    technique: trained.technique,
    base: trained.base.name,
    engine: finished.engine,
    ...(data.task === 'classification' ? {} : { task: data.task }),
    classes: data.classes,
    ...finished.figures,
    ...correctOf(finished, task.right(outputs)),
    ...(test === undefined ? {} : { test: { ...test.figures, count: test.outputs.examples.length } }),
    mistakes: task.mistakes(outputs, trained.thresholds).slice(0, maximumMistakes),
    skipped: skippedOf(data, finished.unreadable),
    timing: {
      decode: run.decodeMs,
      prefix: timing.prefix,
      train: timing.train,
      evaluate: timing.evaluate,
      total: Date.now() - run.startTime,
    },
    seed: trained.seed,
    hashes: { data: data.hash, base: trained.base.hash, model: modelHash },
    history: finished.history,
    created: new Date().toISOString(),
  };
  await writeAtomic(path.join(run.folder, 'report.json'), `${JSON.stringify(report, undefined, 2)}\n`);
  const script = path.relative(process.cwd(), path.resolve(run.info.workspace, run.info.script));
  for (const { message, action } of doubts(report, trained.technique, script, data.kind.words))
    run.warn(message, action);
  run.emit({
    type: 'report',
    metrics: report.metrics,
    ...(report.test === undefined ? {} : { test: { metrics: report.test.metrics, count: report.test.count } }),
  });
  return { best: trained, report, folder: run.folder };
}

/** Right or wrong, for each example of the validation set. */
function correctOf({ outputs, data }: Finished, right: readonly boolean[] | undefined): Pick<RunReport, 'correct'> {
  if (right === undefined) return {};
  const known = new Map(outputs.examples.map(({ id }, i) => [id, right[i] === true ? '1' : '0']));
  return { correct: data.validation.map(({ id }) => known.get(id) ?? '-').join('') };
}

function skippedOf(data: Dataset, unreadable: readonly Unreadable[]): SkippedFile[] {
  const later = new Map(unreadable.map(({ example, error }) => [example.id, error.message]));
  return [...data.report.skipped, ...[...later].map(([file, reason]) => ({ file, reason }))];
}
