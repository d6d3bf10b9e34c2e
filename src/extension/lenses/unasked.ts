import type * as vscode from 'vscode';

const patienceMs = 1_000;

/**
 * Documents whose lenses the editor has not asked for since they may have changed. Where it loses the focus just then it drops its
 * question, and would ask again only once it has the focus back: a script that was opened and left at once had no lens, and
 * one whose training ended at the wrong moment still said that it goes on. So the editor is told once more.
 */
export class Unasked implements vscode.Disposable {
  readonly #asked = new Set<vscode.TextDocument>();
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly shown: () => readonly vscode.TextDocument[],
    private readonly tell: () => void,
  ) {}

  /** What lenses say, or which documents are shown, may have changed: each of these is to be asked for soon. */
  expect(): void {
    this.#asked.clear();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (this.shown().some((document) => !this.#asked.has(document))) this.tell();
    }, patienceMs);
  }

  wasAsked(document: vscode.TextDocument): void {
    this.#asked.add(document);
  }

  dispose(): void {
    clearTimeout(this.#timer);
  }
}
