import * as vscode from 'vscode';

import { numbersOf, type Numbers } from '../words/index.js';

/** The language that our texts are in, for `<html lang>`: the editor's where there is a translation, else English. */
export function language(): string {
  return vscode.l10n.bundle === undefined ? 'en' : vscode.env.language;
}

/** Numbers as that language writes them. */
export function numbers(): Numbers {
  return numbersOf(language());
}
