/** Every text of the panel. */
import type {
  BaseOption,
  Figures,
  Metrics,
  Phase,
  RunActivity,
  RunPurpose,
  RunStatus,
  Stage,
  Task,
  Technique,
} from '../src/protocol/index.js';
import * as words from '../src/words/index.js';
import { compact, count, megabytes, numbers, percent, rate } from './format.js';
import { t } from './l10n.js';

export const statusNames = words.statusNames(t);
export const baseName = (base: string, purpose: RunPurpose) =>
  purpose === 'from-scratch' ? words.runName(t, base, purpose) : base;
export const verdict = (pretrained: words.Result, random: words.Result, how: words.Compared | undefined) =>
  words.verdict(t, numbers, pretrained, random, how);
export const figuresShown = (figures: Figures) => words.figuresShown(t, numbers, figures);
export const metricsShown = (metrics: Metrics, pictures?: number) => words.metricsShown(t, numbers, metrics, pictures);
export const metricWords = (metrics: Metrics) => words.metricWords(t, numbers, metrics);
export const headline = (metrics: Metrics) => words.headline(t, numbers, metrics);
export const rangeText = (range: Parameters<typeof words.rangeText>[2]) => words.rangeText(t, numbers, range);
export const activity = (purpose: RunPurpose, now: RunActivity) => words.activity(t, numbers, purpose, now);
export const weightNames = words.weightNames(t);
export const baseFacts = (base: BaseOption) => words.baseFacts(t, numbers, base);
export const familyName = (base: BaseOption) => words.familyName(t, base);

export const phaseNames: Record<Phase, string> = {
  read: t('Read data'),
  prefix: t('Frozen layers'),
  train: t('Train'),
  evaluate: t('Evaluate'),
  save: t('Save'),
};
export const stageNames: Record<Stage, string> = { head: t('Head'), 'fine-tune': t('Fine-tune') };
export const techniqueNames: Record<Technique, string> = {
  'fine-tuning': t('Fine-tuning'),
  'feature-extraction': t('Feature extraction'),
};
interface Problem {
  readonly message: string;
  readonly action: string;
}
/** What happened to a run that did not come to its end, where nothing more is known; and what to do. */
export function problemOf(status: RunStatus, resumable: boolean): Problem | undefined {
  const again = t('There is no checkpoint to go on from: train its script again.');
  switch (status) {
    case 'failed':
      return {
        message: t('The training failed.'),
        action: resumable
          ? t('Open the log to see why, then resume.')
          : t('Open the log to see why, then train again.'),
      };
    case 'interrupted':
      return {
        message: t('The training process ended without saying why; it may have been killed.'),
        action: resumable ? t('Resume goes on from the last checkpoint.') : again,
      };
    case 'stopped':
      return resumable
        ? { message: t('You stopped this run. A checkpoint is saved.'), action: t('Resume goes on from there.') }
        : { message: t('You stopped this run before there was anything to save.'), action: again };
    case 'running':
    case 'paused':
    case 'done':
      return undefined;
  }
}
export const text = {
  newTraining: t('New Training…'),
  openSample: t('Open Sample Workspace'),
  emptyTitle: t('Nothing trained here yet'),
  empty: t(
    'Point Graft at a folder of labelled pictures. It writes a short script, trains it, and shows here how well it does.',
  ),
  goneTitle: t('This run is gone'),
  gone: t('Its folder was deleted. The other runs are in the list above.'),
  noFolder: t('Open a folder first: scripts and runs are kept in it.'),
  otherVersion: t('Graft was updated. Close this panel and open it again.'),
  untrusted: t('This workspace is not trusted: you can look at runs, and nothing is run.'),
  manageTrust: t('Manage Trust'),
  run: t('Run'),
  stop: t('Stop'),
  pause: t('Pause'),
  continue: t('Continue'),
  checkpoint: t('Checkpoint Now'),
  resume: t('Resume'),
  trainAgain: t('Train Again'),
  show: t('Show'),
  going: t('Trainings that go on'),
  debugging: t('Debugging'),
  atBreakpoint: t('At a breakpoint'),
  fitted: (ofNumbers: boolean) => (ofNumbers ? t('Regression') : t('Classifier')),
  fittedHelp: t('It was fitted in one step, so there is no curve.'),
  fitting: t('It is fitted in one step: the figures come at the end.'),
  pictures: t('Pictures'),
  openScript: t('Open Script'),
  openLog: t('Open Log'),
  tryModel: t('Try Model…'),
  exportModel: t('Export Model…'),
  compare: t('Compare…'),
  compareBoth: t('Compare'),
  rates: t('Loss by learning rate'),
  smoothed: t('Smoothed'),
  noRates: t('The curve begins with the first steps.'),
  ratesHelp: t(
    'Trains with a learning rate that rises from step to step until the loss turns up. What it learns is thrown away.',
  ),
  noRate: t('No learning rate made the loss fall.'),
  noRateAction: t('Check the labels of the data, or unfreeze more of the base.'),
  goodRateWhy: t('There the loss falls steeply, well below the rate at which it turns up.'),
  worth: t('What the pre-trained weights are worth'),
  proveHelp: t('The same training with random weights in their place shows it, on the same validation pictures.'),
  prove: t('Prove It Helps'),
  fromScratch: t(
    'The same script with random weights in place of the pre-trained ones, to see what those are worth. The model that you saved stays as it is.',
  ),
  tryHelp: t('Drop pictures here, paste one, or choose them.'),
  tryShift: t('From the Explorer, hold Shift while you drop.'),
  choosePictures: t('Choose Pictures…'),
  looking: t('Looking…'),
  noPicture: t('Nothing that was dropped or pasted is a file.'),
  dismiss: t('Dismiss'),
  loss: t('Loss'),
  accuracy: t('Accuracy'),
  train: t('Train'),
  phases: t('Phases'),
  otherRun: t('Run…'),
  lossTrain: t('Loss, train'),
  lossValidation: t('Loss, validation'),
  accuracyTrain: t('Accuracy, train'),
  f1: t('F1'),
  validation: t('Validation'),
  test: t('Test'),
  testHelp: (n: number) => t('On {0} pictures that nothing was chosen by, looked at once at the end.', count(n)),
  batches: t('Batches'),
  best: t('best'),
  unfrozen: t('unfrozen'),
  curves: t('Curves'),
  smoothing: t('Smoothing'),
  logScale: t('Log scale'),
  showBatches: t('Batches'),
  asTable: t('As table'),
  resetZoom: t('Reset Zoom'),
  exportCsv: t('Export CSV…'),
  exportPng: t('Export PNG…'),
  noCurve: t('The curve begins with the first batch.'),
  chartHelp: t('Drag to zoom, Shift+drag or arrow keys to pan, + and − to zoom, 0 to reset.'),
  epochs: t('Epochs'),
  epoch: t('Epoch'),
  stage: t('Stage'),
  macroF1: t('Macro F1'),
  /** Of a run that goes on. */
  bestSoFar: (name: string) => (name === t('Accuracy') ? t('Best accuracy') : t('Best {0}', name)),
  learningRate: t('Learning rate'),
  confusion: t('Confusion matrix'),
  scatter: t('True against predicted'),
  scatterHelp: t('A point for each validation picture: on the line, the model was right.'),
  scatterOf: (name: string, n: number) => t('{0}: {1} pictures, true to the right, predicted upwards', name, count(n)),
  smallest: t('Smallest'),
  median: t('Median'),
  largest: t('Largest'),
  number: t('Number'),
  worst: t('Largest errors'),
  allErrors: t('Farthest off first. Choose a picture to open its file.'),
  task: t('Labels'),
  taskNames: {
    classification: t('Classes'),
    'multi-label': t('Any number of labels'),
    regression: t('Numbers'),
  } as Readonly<Record<Task, string>>,
  taskHelp: {
    'multi-label': t('Each picture has one 1: either it can have no more, or more by chance only.'),
    regression: t('The labels are whole numbers: names of classes, or amounts that are near to each other and far.'),
  } as Readonly<Record<Exclude<Task, 'classification'>, string>>,
  metric: (name: string, side: 'train' | 'validation') =>
    side === 'train' ? t('{0}, train', name) : t('{0}, validation', name),
  labelsOf: (n: number, pictures: number) => words.labelsAndPictures(t, { count }, n, pictures),
  label: t('Label'),
  allPictures: t('All pictures'),
  wrongLabels: t('The most wrong labels first. Choose a picture to open its file.'),
  thresholds: t(
    'Each threshold is the one with the largest F1 on the validation pictures: on others, precision, recall and F1 may be lower. mAP does not depend on them.',
  ),
  numbersOf: (n: number, pictures: number) => words.numbersAndPictures(t, { count }, n, pictures),
  confusionHelp: t('Rows are the true classes, columns the predicted ones. Choose a cell to see its pictures.'),
  predicted: t('Predicted'),
  truth: t('True'),
  perClass: t('Classes'),
  class: t('Class'),
  precision: t('Precision'),
  recall: t('Recall'),
  support: t('Pictures'),
  mistakes: t('Mistakes'),
  allMistakes: t('The surest first. Choose a picture to open its file.'),
  noMistakes: t('No mistakes on the validation pictures.'),
  diagonal: t('These were predicted rightly. The report keeps only the mistakes.'),
  emptyCell: t('No picture fell into this cell.'),
  showAll: t('Show All Mistakes'),
  data: t('Data'),
  warnings: t('Warnings'),
  log: t('Output of the Script'),
  overrides: t('Instead of the Script'),
  engine: t('Engine'),
  base: t('Base'),
  preprocessing: t('Preprocessing'),
  preprocessingHelp: t(
    'Nothing in the file says which pixels the base was trained on. With others it sees something else.',
  ),
  preprocessingChoices: (grey: boolean) => words.preprocessingChoicesOf(t, grey),
  pictureSize: t('Size in pixels'),
  pictureSizeHelp: t('The base takes pictures of any size: a side, or height x width.'),
  trainable: t('Trainable'),
  speed: t('Throughput'),
  elapsed: t('Elapsed'),
  lastCheckpoint: t('Checkpoint'),
  saved: t('Saved to'),
  compareTitle: t('Compare runs'),
  compareHelp: t('Choose the runs to lay over each other.'),
  status: t('Status'),
  formTitle: t('New training'),
  technique: t('Technique'),
  fineTuneHelp: t('Trains new layers first, then the unfrozen part of the base too.'),
  extractHelp: t('The base stays as it is; a classifier learns on its output. Quickest.'),
  dataFolder: t('Data'),
  choose: t('Choose…'),
  folder: t('Folder…'),
  dataFile: t('CSV or IDX File…'),
  modelFile: t('Model File…'),
  freeze: t('Freeze up to'),
  out: t('Script'),
  preview: t('Preview'),
  previewWaiting: t('Choose a data folder to see the script.'),
  previewAsks: t('Fill in what the base does not say to see the script.'),
  write: t('Write Script'),
  writeAndTrain: t('Write and Train'),
  loading: t('Loading…'),
  late: t('Graft does not answer yet.'),
  lateAction: t('It is asked again every few seconds; where this stays, reload the window.'),
  cancel: t('Back to Runs'),
  counted: (phase: Phase, done: number, total: number, purpose: RunPurpose): string => {
    switch (phase) {
      case 'read':
      case 'prefix':
        return t('{0} of {1} pictures', count(done), count(total));
      case 'train':
        if (purpose === 'learning-rate') return t('{0} of {1} steps', count(done), count(total));
        return t('{0} of {1} epochs', count(Math.floor(done)), count(total));
      case 'evaluate':
      case 'save':
        return t('{0} of {1}', count(done), count(total));
    }
  },
  showRun: (title: string) => t('Show {0}', title),
  stopRun: (title: string) => t('Stop {0}', title),
  left: (time: string) => t('{0} left', time),
  cell: (actual: string, predicted: string, n: number) => t('{0} predicted as {1}: {2}', actual, predicted, count(n)),
  cellMistakes: (actual: string, predicted: string) => t('{0}, predicted as {1}', actual, predicted),
  frozenPart: (depth: number) => t('{0} % of the layers frozen', Math.round(depth * 100)),
  classesOf: (classes: number, pictures: number) => words.classesAndPictures(t, { count }, classes, pictures),
  now: (phase: string, status: string) => (phase === '' ? t('{0}.', status) : t('{0}. {1}.', phase, status)),
  duplicates: (n: number) => t('{0} identical pictures, counted once', count(n)),
  skipped: (n: number) => t('{0} files skipped', count(n)),
  perSecond: (pictures: number) => t('{0} pictures/s', count(Math.round(pictures))),
  rate: (learningRate: number) => t('learning rate {0}', rate(learningRate)),
  parameters: (n: number) => t('{0} parameters', compact(n)),
  pixels: (height: number, width: number) => t('{0} × {1} pixels', height, width),
  frozenUpTo: (layer: string) => t('frozen up to {0}', layer),
  truly: (name: string) => t('true: {0}', name),
  memory: (bytes: number) => t('{0} of memory', megabytes(bytes)),
  goodRate: (learningRate: number) => t('Train with a learning rate of {0}.', rate(learningRate)),
  useRate: (learningRate: number) => t('Use {0} in the Script', rate(learningRate)),
  tryTitle: (name: string) => t('Try the model of {0}', name),
  tooLarge: (name: string, bytes: number, most: number) =>
    t('{0} has {1}. Drop at most {2}, or choose it with the button.', name, megabytes(bytes), megabytes(most)),
  unreadable: (name: string) => t('{0} cannot be read. Drop files, not folders, or choose it with the button.', name),
  sure: (name: string, probability: number) => t('{0}, {1}', name, percent(probability)),
  wrote: (file: string) => t('Wrote {0}.', file),
};
