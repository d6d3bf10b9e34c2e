import { assertUnreachable, type Phase, type RunEvent } from '../../protocol/index.js';
import { duration, percent, remaining, shown, shownLines, shownMessage, type Io, type Shown } from './io.js';

const phaseNames: Record<Phase, string> = {
  read: 'Reading the pictures',
  prefix: 'Running the frozen layers',
  train: 'Training',
  evaluate: 'Evaluating',
  save: 'Saving',
};

/** Files that are named; the others are counted. */
const shownSkipped = 5;
const longestLog = 4_000;

/**
 * Shows a run's events: on a terminal a bar that is redrawn, elsewhere a plain line for each thing that happens. What is
 * shown comes from the event log alone.
 */
export class EventPrinter {
  #drawn = false;
  #lastPlain = Date.now();
  #pictures = 0;

  constructor(private readonly io: Io) {}

  show(event: RunEvent): void {
    switch (event.type) {
      case 'progress': {
        const fraction = event.total === 0 ? 1 : event.done / event.total;
        const eta = event.done * 50 > event.total && event.done < event.total ? `, ${remaining(event.etaMs)} left` : '';
        const speed =
          event.phase === 'prefix'
            ? `, ${event.perSecond.toFixed(0)} ${event.total > this.#pictures ? 'views' : 'pictures'}/s`
            : '';
        this.#draw(`${phaseNames[event.phase]} ${bar(fraction)} ${event.done}/${event.total}${speed}${eta}`);
        return;
      }
      case 'batch':
        this.#draw(
          `  epoch ${event.epoch} ${bar(event.step / event.steps)} loss ${event.loss.toFixed(4)}, ${event.imagesPerSecond.toFixed(0)} images/s`,
        );
        return;
      case 'data': {
        const of = (side: 'train' | 'validation' | 'test') =>
          event.classes.reduce((sum, one) => sum + (one[side] ?? 0), 0);
        const count = of('train') + of('validation') + of('test');
        const sides =
          of('test') === 0 ? '' : ` (${of('train')} to train, ${of('validation')} to validate, ${of('test')} to test)`;
        this.#pictures = count;
        const skipped = event.skipped.length === 0 ? '' : `, ${event.skipped.length} skipped`;
        const duplicates = event.duplicates === 0 ? '' : `, ${event.duplicates} groups of duplicates`;
        this.#line(shown`Data: ${count} pictures in ${event.classes.length} classes${sides}${skipped}${duplicates}.`);
        for (const note of event.notes ?? []) this.#line(shown`  ${note}`);
        for (const { file, reason } of event.skipped.slice(0, shownSkipped))
          this.#line(shown`  Skipped ${file}: ${reason}`);
        if (event.skipped.length > shownSkipped)
          this.#line(
            shown`  … and ${event.skipped.length - shownSkipped} more: all are in report.json and in the panel.`,
          );
        return;
      }
      case 'model':
        this.#line(
          shown`Model: ${event.base}, ${event.technique}, ${millions(event.trainable)} of ${millions(event.parameters)} parameters train${event.frozenUpTo === undefined ? '' : `, frozen up to ${event.frozenUpTo}`}. Engine ${event.engine} (${event.engineReason}).`,
        );
        return;
      case 'stage':
        this.#line(
          shown`${event.stage === 'head' ? 'Head' : 'Fine-tuning'}: up to ${event.epochs} epochs at ${event.learningRate.toPrecision(2)}; ${event.cached} of ${event.images} activations were cached.`,
        );
        return;
      case 'epoch':
        if (event.learningRate === 0) {
          // A classifier that was solved as a whole: it has no epochs.
          this.#line(
            shown`  Classifier solved in ${duration(event.ms)}: loss ${event.train.loss.toFixed(4)}, validation loss ${event.validation.loss.toFixed(4)}, accuracy ${percent(event.validation.accuracy)}, macro F1 ${event.validation.macroF1.toFixed(3)}.`,
          );
          return;
        }
        this.#line(
          shown`  epoch ${event.epoch}/${event.epochs}  loss ${event.train.loss.toFixed(4)}  validation loss ${event.validation.loss.toFixed(4)}  accuracy ${percent(event.validation.accuracy)}  macro F1 ${event.validation.macroF1.toFixed(3)}  ${duration(event.ms)}${event.best ? '  *' : ''}`,
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
          this.#line(shown`${phaseNames[event.phase]} over ${event.total ?? 0} ${this.#views(event.total ?? 0)}.`);
        return;
      case 'checkpoint':
      case 'learningRates':
      case 'report':
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

  /** What runs through the frozen layers: of a picture that is augmented, several views. */
  #views(total: number): string {
    return total > this.#pictures && this.#pictures > 0 ? `views of ${this.#pictures} pictures` : 'pictures';
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
