import type * as vscode from 'vscode';

const [patienceMs, longestMs] = [1_000, 30_000];

/**
 * Documents whose lenses the editor has not asked for since they may have changed. Where it loses the focus just then it drops its
 * question, and would ask again only once it has the focus back: a script that was opened and left at once had no lens, and
 * one whose training ended at the wrong moment still said that it goes on. So the editor is told once more. But each time that it is
 * told it puts its question off, on a slow machine by longer than a training takes to say something new: so while a question is under
 * way it is not told again, and then later and later.
 */
export class Unasked implements vscode.Disposable {
  readonly #asked = new Set<vscode.TextDocument>();
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly shown: () => readonly vscode.TextDocument[],
    private readonly tell: () => void,
  ) {}

  /** What lenses say has changed. A question that is under way gets what is so by then. */
  change(): void {
    if (this.#timer !== undefined && this.#isSomeUnasked()) return;
    this.tell();
    this.expect();
  }

  /** Other documents are shown, or other text is in them: the editor is about to ask by itself. */
  expect(): void {
    this.#asked.clear();
    this.#wait(patienceMs);
  }

  wasAsked(document: vscode.TextDocument): void {
    this.#asked.add(document);
  }

  #wait(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (!this.#isSomeUnasked()) return;
      this.tell();
      if (ms < longestMs) this.#wait(2 * ms);
    }, ms);
  }

  #isSomeUnasked(): boolean {
    return this.shown().some((document) => !this.#asked.has(document));
  }

  dispose(): void {
    clearTimeout(this.#timer);
  }
}
