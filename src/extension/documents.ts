import * as vscode from 'vscode';

import { Escaped, label, markdown as tag, type Markdown, type Translate } from '../words/index.js';

const scheme = 'graft-text';

/** Results as Markdown that nobody has to save. */
export class Documents implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly #texts = new Map<string, string>();
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly #registration = vscode.workspace.registerTextDocumentContentProvider(scheme, this);
  readonly onDidChange = this.#changed.event;

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.#texts.get(uri.path) ?? '';
  }

  /** Opens a preview; the same title replaces it. */
  async show(title: string, markdown: Markdown): Promise<void> {
    // The tab shows the end of the path.
    const uri = vscode.Uri.from({ scheme, path: `/${label(title, 120).replaceAll(/[/\\]/g, '∕')}.md` });
    this.#texts.set(uri.path, markdown.text);
    this.#changed.fire(uri);
    try {
      await vscode.commands.executeCommand('markdown.showPreview', uri);
    } catch {
      // The Markdown extension is switched off.
      await vscode.window.showTextDocument(uri, { preview: true });
    }
  }

  dispose(): void {
    this.#registration.dispose();
    this.#changed.dispose();
  }
}

const translate: Translate = vscode.l10n.t;

/** `vscode.l10n.t` for a text that is Markdown; its values are not. */
export function t(text: string, ...values: readonly (string | number)[]): Markdown {
  return new Escaped(translate(text, ...values.map((value) => tag`${value}`.text)));
}

/** A table in Markdown. */
export function markdownTable(header: readonly string[], rows: readonly (readonly (string | Markdown)[])[]): Markdown {
  const line = (cells: readonly (string | Markdown)[]) => tag`${cells.map((cell) => tag`| ${cell} `)}|\n`;
  return tag`${line(header)}${header.map(() => tag`| --- `)}|\n${rows.map(line)}`;
}
