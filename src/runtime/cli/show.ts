import {
  assertUnreachable,
  type Metrics,
  type Phase,
  type RunEvent,
  type SkippedFile,
  type Stage,
} from '../../protocol/index.js';
import { inSentence, metricsShown, sidesOf } from '../../words/index.js';
import { counted } from '../../common/counted.js';
import { kindWords } from '../data/words.js';
import { groupedByReason, groupText } from '../data/skipped.js';
import { duration, english, remaining, shown, shownLines, shownMessage, type Io, type Shown } from './io.js';

const phaseNames: Record<Phase, string> = {
  read: 'Reading the data',
  prefix: 'Running the frozen layers',
  train: 'Training',
  evaluate: 'Evaluating',
  save: 'Saving',
};

const stageNames: Record<Stage, string> = { head: 'head', 'fine-tune': 'fine-tuning' };

/** Reasons for leaving files out that are said; the others are counted. */
const shownReasons = 5;
const longestLog = 4_000;
const { significant, rate } = english.numbers;

/**
 * Shows a run's events: on a terminal a bar that is redrawn, elsewhere a plain line for each thing that happens. What is
 * shown comes from the event log alone.
 */
export class EventPrinter {
  #drawn = false;
  #lastPlain = Date.now();
  #examples = 0;
  #words = kindWords.image;
  #best: Extract<RunEvent, { type: 'epoch' }> | undefined;

  /** @param run its id: what has no room here is in its report. */
  constructor(
    private readonly io: Io,
    private readonly run: string,
  ) {}

  show(event: RunEvent): void {
    switch (event.type) {
      case 'progress': {
        const fraction = event.total === 0 ? 1 : event.done / event.total;
        const eta = event.done * 50 > event.total && event.done < event.total ? `, ${remaining(event.etaMs)} left` : '';
        const speed =
          event.phase === 'prefix'
            ? `, ${event.perSecond.toFixed(event.perSecond < 9.5 ? 1 : 0)} ${event.total > this.#examples ? 'views' : this.#words.many}/s`
            : '';
        this.#draw(`${phaseNames[event.phase]} ${bar(fraction)} ${event.done}/${event.total}${speed}${eta}`);
        return;
      }
      case 'batch':
        this.#draw(
          `  epoch ${event.epoch} ${bar(event.step / event.steps)} loss ${significant(event.loss)}, ${event.imagesPerSecond.toFixed(0)} images/s`,
        );
        return;
      case 'data': {
        const { train, validation, test } = sidesOf(event);
        const count = train + validation + test;
        const sides = test === 0 ? '' : ` (${train} to train, ${validation} to validate, ${test} to test)`;
        this.#examples = count;
        this.#words = kindWords[event.kind ?? 'image'];
        const skipped = event.skipped.length === 0 ? '' : `, ${event.skipped.length} skipped`;
        const duplicates = event.duplicates === 0 ? '' : `, ${counted(event.duplicates, 'group')} of duplicates`;
        this.#line(shown`Data: ${this.#counted(count)}${labelsOf(event)}${sides}${skipped}${duplicates}.`);
        for (const note of event.notes ?? []) this.#line(shown`  ${note}`);
        this.#skipped(event.skipped);
        return;
      }
      case 'model':
        this.#line(
          shown`Model: ${event.base}, ${event.technique}, ${millions(event.trainable)} of ${millions(event.parameters)} parameters train${event.frozenUpTo === undefined ? '' : `, frozen up to ${event.frozenUpTo}`}. Engine ${event.engine} (${event.engineReason}).`,
        );
        if (event.preprocessing !== undefined) {
          const { name, pixels, why } = event.preprocessing;
          this.#line(shown`  Preprocessing ${name}: pixels ${pixels}. ${why ?? ''}`);
        }
        return;
      case 'stage':
        this.#line(
          shown`${event.stage === 'head' ? 'Head' : 'Fine-tuning'}: up to ${counted(event.epochs, 'epoch')} at ${rate(event.learningRate)}; ${event.cached} of ${event.images} activations were cached.`,
        );
        return;
      case 'epoch':
        if (event.learningRate === 0) {
          // One that was solved as a whole: it has no epochs.
          this.#line(
            shown`  ${'mae' in event.validation ? 'Regression' : 'Classifier'} solved in ${duration(event.ms)}: loss ${significant(event.train.loss)}, validation loss ${significant(event.validation.loss)}, ${metricsLine(event.validation, ', ')}.`,
          );
          return;
        }
        if (event.best) this.#best = event;
        this.#line(
          shown`  epoch ${event.epoch}/${event.epochs}  loss ${significant(event.train.loss)}  validation loss ${significant(event.validation.loss)}  ${metricsLine(event.validation, '  ')}  ${duration(event.ms)}${event.best ? '  *' : ''}`,
        );
        return;
      case 'warning':
        this.#line(shown`Note: ${shownMessage(event)}`);
        return;
      case 'saved':
        this.#line(
          event.replaced === undefined
            ? shown`Saved ${event.directory}`
            : shown`Saved ${event.directory}, in the place of the model of run ${event.replaced}.`,
        );
        return;
      case 'log':
        this.#line(shownLines(event.text, longestLog));
        return;
      case 'paused':
        this.#line(shown`Paused.`);
        return;
      case 'continued':
        this.#line(shown`Continued.`);
        return;
      case 'started':
        if (event.resumed) this.#line(shown`Resumed.`);
        return;
      case 'phase':
        if (event.state === 'failed') this.#line(shown`✕ ${phaseNames[event.phase]} failed.`);
        if (event.state === 'started' && !this.io.isTerminal && event.phase === 'prefix')
          this.#line(shown`${phaseNames[event.phase]} over ${this.#views(event.total ?? 0)}.`);
        return;
      case 'report':
        if (this.#best !== undefined)
          this.#line(
            shown`The model of epoch ${this.#best.epoch} (${stageNames[this.#best.stage]}) is kept; * marks each epoch that was the best so far.`,
          );
        return;
      case 'checkpoint':
      case 'learningRates':
      case 'done':
      case 'stopped':
      case 'failed':
        return;
      default:
        assertUnreachable(event);
    }
  }

  /** Removes the bar. */
  end(): void {
    if (this.#drawn) this.io.draw();
    this.#drawn = false;
  }

  /** What runs through the frozen layers: of an example that is augmented, several views. */
  #views(total: number): string {
    return total > this.#examples && this.#examples > 0
      ? `${total} views of ${this.#counted(this.#examples)}`
      : this.#counted(total);
  }

  #counted(examples: number): string {
    return counted(examples, this.#words.one, this.#words.many);
  }

  #skipped(skipped: readonly SkippedFile[]): void {
    const groups = groupedByReason(skipped);
    for (const group of groups.slice(0, shownReasons)) this.#line(shown`  Skipped ${groupText(group)}`);
    const rest = groups.slice(shownReasons).reduce((sum, { files }) => sum + files.length, 0);
    if (rest > 0)
      this.#line(shown`  … and ${rest} more: once it has ended, graft report ${this.run} says where all are listed.`);
  }

  #line(text: Shown): void {
    this.end();
    this.io.out(shown`${text}\n`);
  }

  #draw(text: string): void {
    if (this.io.isTerminal) {
      this.#drawn = true;
      this.io.draw(shown`${text.slice(0, this.io.columns - 1)}`);
    } else if (text.startsWith(phaseNames.prefix) && Date.now() - this.#lastPlain > 5_000) {
      this.#lastPlain = Date.now();
      this.io.out(shown`${text}\n`);
    }
  }
}

/** ` in 5 classes`, or which numbers. */
function labelsOf({ task, classes, numbers }: Extract<RunEvent, { type: 'data' }>): string {
  if (task === 'multi-label') return ` with ${counted(classes.length, 'label')}`;
  if (numbers === undefined) return ` in ${counted(classes.length, 'class', 'classes')}`;
  const { quantity } = english.numbers;
  return ` with ${numbers.map(({ name, min, max }) => `${name} from ${quantity(min)} to ${quantity(max)}`).join(', ')}`;
}

/** `accuracy 95.0 %, macro F1 0.950`. */
function metricsLine(metrics: Metrics, separator: string): string {
  return metricsShown(english.t, english.numbers, metrics)
    .map(({ name, text }) => `${inSentence(name)} ${text}`)
    .join(separator);
}

function bar(fraction: number): string {
  const cells = 20;
  const full = Math.round(Math.min(1, Math.max(0, fraction)) * cells);
  return `${'█'.repeat(full)}${'░'.repeat(cells - full)}`;
}

function millions(count: number): string {
  return count >= 1e6
    ? `${(count / 1e6).toFixed(2)} M`
    : count >= 1e3
      ? `${(count / 1e3).toFixed(1)} k`
      : String(count);
}
