/**
 * What the editor draws for us, other than pages of ours: only this file and progress.ts ask it to. Texts name files, runs and classes, which
 * anybody may have named, and the editor makes commands and pictures of some: each text is escaped here (words/surfaces.ts).
 */
import * as vscode from 'vscode';

import { label, labelLines, shorten, visible } from '../words/index.js';

const tellers = {
  information: 'showInformationMessage',
  warning: 'showWarningMessage',
  error: 'showErrorMessage',
} as const;

/** Shows a message and waits for the answer: one of the buttons, or undefined. */
export async function tell(
  kind: keyof typeof tellers,
  text: string,
  buttons: readonly string[] = [],
  options: vscode.MessageOptions = {},
): Promise<string | undefined> {
  const { detail } = options;
  const shown = { ...options, ...(detail === undefined ? {} : { detail: labelLines(detail, 4_000) }) };
  const answer = await vscode.window[tellers[kind]](
    labelLines(text),
    shown,
    ...buttons.map((button) => label(button, 80)),
  );
  return buttons.find((button) => label(button, 80) === answer);
}

/** Lines of a pick. The picture of one is an `iconPath`, not a part of its text. */
export function shownItems<T extends vscode.QuickPickItem>(items: readonly T[]): T[] {
  return items.map((item) => ({
    ...item,
    label: label(item.label, 200),
    ...(item.description === undefined ? {} : { description: label(item.description) }),
    ...(item.detail === undefined ? {} : { detail: label(item.detail) }),
  }));
}

/** Asks which. A panel that takes the focus meanwhile, as it does a moment after it is shown, does not take the list away. */
export async function pick<T extends vscode.QuickPickItem>(
  items: readonly T[] | Promise<readonly T[]>,
  options: vscode.QuickPickOptions,
): Promise<T | undefined> {
  const shown = (async () => shownItems(await items))();
  return await vscode.window.showQuickPick<T>(shown, { ignoreFocusOut: true, ...options });
}

/** As `pick`, for several. */
export async function pickMany<T extends vscode.QuickPickItem>(
  items: readonly T[],
  options: vscode.QuickPickOptions,
): Promise<T[] | undefined> {
  return await vscode.window.showQuickPick<T>(shownItems(items), {
    ignoreFocusOut: true,
    ...options,
    canPickMany: true,
  });
}

/**
 * Whether the user has gone to another tab since: what took its time is offered then. Shown unasked it would cover what they work on
 * and take the keys that they press.
 */
export function followLook(): () => boolean {
  const tab = () => vscode.window.tabGroups.activeTabGroup.activeTab;
  const before = tab();
  return () => tab() !== before;
}

/** Says something in the status bar, for a moment. */
export function mention(text: string): void {
  vscode.window.setStatusBarMessage(label(text), 3_000);
}

/** What the status bar shows; `spoken` is for screen readers. */
interface StatusText {
  readonly icon: string;
  readonly text: string;
  readonly tooltip: string;
  readonly spoken: string;
}

export function showStatus(item: vscode.StatusBarItem, { icon, text, tooltip, spoken }: StatusText): void {
  item.text = `$(${icon}) ${label(text, 80)}`;
  item.tooltip = labelLines(tooltip);
  item.accessibilityInformation = { label: label(spoken) };
  item.show();
}

/** A lens above a line. */
export function lens(line: number, command: vscode.Command): vscode.CodeLens {
  return new vscode.CodeLens(new vscode.Range(line, 0, line, 0), { ...command, title: label(command.title, 120) });
}

/** A row of a tree: `tooltip` has lines, `spoken` is for screen readers. */
export function row(texts: {
  readonly label: string;
  readonly description: string;
  readonly tooltip: readonly string[];
  readonly spoken: string;
}): vscode.TreeItem {
  const item = new vscode.TreeItem(label(texts.label, 120));
  item.description = label(texts.description, 120);
  item.tooltip = texts.tooltip.map((line) => label(line)).join('\n');
  item.accessibilityInformation = { label: label(texts.spoken) };
  return item;
}

/** A line in the editor's problems. */
export function diagnostic(line: number, text: string): vscode.Diagnostic {
  const range = new vscode.Range(line, 0, line, Number.MAX_SAFE_INTEGER);
  const found = new vscode.Diagnostic(range, visible(shorten(text.trim(), 1_000)), vscode.DiagnosticSeverity.Error);
  found.source = 'Graft';
  return found;
}
