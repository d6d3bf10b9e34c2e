import path from 'node:path';

import type { EngineName, EpochRecord, Mistake, RunReport, SkippedFile, TestReport } from '../../protocol/index.js';
import type { ImageDataset } from '../data/types.js';
import type { Evaluation } from '../evaluate/metrics.js';
import { saveTrained } from '../export/saved-model.js';
import type { TrainedModel } from '../export/types.js';
import { writeAtomic } from '../../common/files.js';
import type { Run } from '../run/run.js';
import { doubts } from './doubts.js';
import type { Unreadable } from './activations.js';
import type { Evaluated } from './evaluated.js';

export interface FitResult {
  /** The model of the best epoch, ready for `saveModel`. */
  readonly best: TrainedModel;
  readonly report: RunReport;
  /** The run's folder. */
  readonly folder: string;
}

export interface Finished extends Evaluated {
  readonly trained: TrainedModel;
  readonly data: ImageDataset;
  readonly engine: EngineName;
  readonly history: readonly EpochRecord[];
  readonly unreadable: readonly Unreadable[];
  /** What the model says about the test set, where there is one. */
  readonly test?: Evaluation;
}

const maximumMistakes = 200;

/** Saves the model into the run's folder and writes `report.json`: what every training ends with. */
export async function finishTraining(run: Run, finished: Finished): Promise<FitResult> {
  const { trained, data } = finished;
  const modelHash = await run.phase('save', undefined, () => saveTrained(trained, path.join(run.folder, 'model')));
  const { timing } = run;
  const report: RunReport = {
    status: 'done',
    technique: trained.technique,
    base: trained.base.name,
    engine: finished.engine,
    classes: data.classes,
    metrics: finished.metrics,
    perClass: finished.perClass,
    confusion: finished.confusion,
    correct: correctOf(finished),
    ...(finished.test === undefined ? {} : { test: testReport(finished.test) }),
    mistakes: mistakesOf(finished),
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
  for (const { message, action } of doubts(report, trained.technique, script)) run.warn(message, action);
  run.emit({
    type: 'report',
    metrics: finished.metrics,
    ...(report.test === undefined ? {} : { test: { metrics: report.test.metrics, count: report.test.count } }),
  });
  return { best: trained, report, folder: run.folder };
}

function testReport({ metrics, perClass, confusion, predictions }: Evaluation): TestReport {
  return { metrics, perClass, confusion, count: predictions.length };
}

/** Right or wrong, for each example of the validation set. */
function correctOf({ validation, predictions, data }: Finished): string {
  const right = new Map(validation.map(({ id, label }, i) => [id, predictions[i] === label ? '1' : '0']));
  return data.validation.map(({ id }) => right.get(id) ?? '-').join('');
}

/** The most confident first. */
function mistakesOf({ validation, probabilities, predictions, data: { classes } }: Finished): Mistake[] {
  return validation
    .flatMap((example, i): Mistake[] => {
      const predicted = predictions[i] ?? 0;
      if (predicted === example.label) return [];
      const confidence = probabilities[i * classes.length + predicted] ?? 0;
      return [
        { file: example.id, actual: classes[example.label] ?? '', predicted: classes[predicted] ?? '', confidence },
      ];
    })
    .sort((a, b) => b.confidence - a.confidence)
    .slice(0, maximumMistakes);
}

function skippedOf(data: ImageDataset, unreadable: readonly Unreadable[]): SkippedFile[] {
  const later = new Map(unreadable.map(({ example, error }) => [example.id, error.message]));
  return [...data.report.skipped, ...[...later].map(([file, reason]) => ({ file, reason }))];
}
